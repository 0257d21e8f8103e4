/** Sums are in whole billionths of a dollar, so that they are exact. */
const NANOS_PER_USD = 1_000_000_000;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface BudgetSettings {
  readonly limitUsd: number;
  /** Before this run began. A function is called once, when the sum is first needed. */
  readonly spentUsd: number | (() => number);
  /** The limit is for each UTC day, not for the run. */
  readonly perDay: boolean;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
}

/** The most that one call may cost, set aside until the first `charge` or `release`; further ones do nothing. */
export class Reservation {
  readonly worstUsd: number;
  #end: ((worstUsd: number, usd: number) => void) | null;

  constructor(worstUsd: number, end: (worstUsd: number, usd: number) => void) {
    this.worstUsd = worstUsd;
    this.#end = end;
  }

  charge(usd: number): void {
    const end = this.#end;
    this.#end = null;
    end?.(this.worstUsd, usd);
  }

  /** The call never left. */
  release(): void {
    this.charge(0);
  }
}

/**
 * What may be spent. The most that a call can cost is set aside before it starts, so that all calls together never exceed
 * the limit. With a limit per day, calls in flight at midnight count for the new day, in which they are billed.
 */
export class Budget {
  readonly #limit: number;
  readonly #wall: () => number;
  /** Null once it is added to `#spent`, or no longer counts. */
  #spentBefore: (() => number) | null;
  #spent = 0;
  #reserved = 0;
  #refilledAt: number | null;

  constructor({ limitUsd, spentUsd, perDay, wall }: BudgetSettings) {
    this.#limit = nanosOf(limitUsd);
    this.#spentBefore = typeof spentUsd === 'number' ? () => spentUsd : spentUsd;
    this.#wall = wall;
    this.#refilledAt = perDay ? nextDay(wall()) : null;
  }

  get limitUsd(): number {
    return usdOf(this.#limit);
  }

  get spentUsd(): number {
    return usdOf(this.#spentSoFar());
  }

  /** Set aside for calls that have not ended. */
  get reservedUsd(): number {
    return usdOf(this.#reserved);
  }

  /** When nothing of it is spent any more (ms since the epoch); null if it is for the run. */
  get refilledAt(): number | null {
    this.#refillWhenDue();
    return this.#refilledAt;
  }

  /**
   * Whether a call that may cost this much may start: `now`; `later`, if calls in flight cost less than is set aside for
   * them; `never` before a refill. `limitUsd`: the limit for this call.
   */
  fits(worstUsd: number, limitUsd = this.limitUsd): 'now' | 'later' | 'never' {
    const left = nanosOf(limitUsd) - this.#spentSoFar() - nanosOf(worstUsd);
    if (left < 0) return 'never';
    return left < this.#reserved ? 'later' : 'now';
  }

  reserve(worstUsd: number): Reservation {
    this.#reserved += nanosOf(worstUsd);
    return new Reservation(worstUsd, this.#end);
  }

  readonly #end = (worstUsd: number, usd: number): void => {
    this.#refillWhenDue();
    this.#reserved -= nanosOf(worstUsd);
    this.#spent += nanosOf(usd);
  };

  #spentSoFar(): number {
    this.#refillWhenDue();
    if (this.#spentBefore !== null) {
      this.#spent += nanosOf(this.#spentBefore());
      this.#spentBefore = null;
    }
    return this.#spent;
  }

  #refillWhenDue(): void {
    if (this.#refilledAt === null) return;
    const now = this.#wall();
    if (now < this.#refilledAt) return;
    this.#spent = 0;
    this.#spentBefore = null;
    this.#refilledAt = nextDay(now);
  }
}

function nextDay(wall: number): number {
  return (Math.floor(wall / DAY_MS) + 1) * DAY_MS;
}

function nanosOf(usd: number): number {
  return Math.round(usd * NANOS_PER_USD);
}

function usdOf(nanos: number): number {
  return nanos / NANOS_PER_USD;
}
