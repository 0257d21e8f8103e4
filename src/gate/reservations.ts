import type { AttemptRecord } from '../domain/attempt.ts';
import type { Demand } from '../domain/ports.ts';
import type { Budget, Reservation } from './budget.ts';
import type { Reserving, TicketSeat } from './model-limiter.ts';
import type { Pacer } from './rate-limit.ts';

export interface ReservationSettings {
  /** Rates that a person set; null: none. */
  readonly pacer: Pacer | null;
  /** What may be spent; null: anything. */
  readonly budget: Budget | null;
}

interface Asking {
  readonly seat: TicketSeat;
  readonly demand: Demand;
  readonly leave: Reserving;
  readonly since: number;
}

/** What was read before a longer wait (ms) for its turn may have changed: it is read again. */
const LONGEST_WAIT_MS = 2000;

interface SetAside {
  readonly money: Reservation | null;
  readonly worstUsd: number;
  /** Estimated. */
  readonly tokens: number;
}

/** Tokens and money of the calls in flight, and the documents that wait for some. */
export class Reservations {
  readonly #pacer: Pacer | null;
  readonly #budget: Budget | null;
  readonly #asking = new Set<Asking>();
  readonly #setAside = new Map<TicketSeat, SetAside>();
  /** From the last call that was given leave to the next one, as the rates have it; none was yet: forever. */
  #gapMs = Number.POSITIVE_INFINITY;

  constructor({ pacer, budget }: ReservationSettings) {
    this.#pacer = pacer;
    this.#budget = budget;
  }

  /** False where calls need no leave. */
  get needed(): boolean {
    return this.#pacer !== null || this.#budget !== null;
  }

  /** Whether the budget allows none of those that wait, and no call is left whose end could change that. */
  get usedUp(): boolean {
    return (
      this.#asking.size > 0 &&
      this.#budget?.reservedUsd === 0 &&
      ![...this.#asking].some(({ demand }) => this.#affords(demand))
    );
  }

  /** Why those that wait get no money, in words. */
  get shortage(): string {
    if (this.#budget === null) return '';
    const { spentUsd, limitUsd } = this.#budget;
    const cheapest = Math.min(...[...this.#asking].map(({ demand }) => demand.worstUsd ?? Number.POSITIVE_INFINITY));
    return (
      `the budget is used up: ${dollars(spentUsd)} of ${dollars(limitUsd)} USD are spent, ` +
      `and the next call may cost up to ${dollars(cheapest)} USD`
    );
  }

  /** When it is refilled (ms since the epoch); null where it is not. */
  get refilledAt(): number | null {
    return this.#budget?.refilledAt ?? null;
  }

  /** When the rates let the next call of those that wait start, where that is after `now`; else Infinity. */
  nextMoment(now: number): number {
    const next = this.#asking.size > 0 ? (this.#pacer?.nextStart ?? now) : now;
    return next > now ? next : Number.POSITIVE_INFINITY;
  }

  /** Whether a document may take a seat, to be ready (which takes so long) when rates and budget let its call start. */
  hasSeat(now: number, ready: number, readyMs: number): boolean {
    const waitsForMoney = [...this.#asking].some(({ demand }) => !this.#affords(demand));
    if (waitsForMoney || this.nextSeat(readyMs) > now) return false;
    return this.#pacer === null || ready === 0 || ready * this.#gapMs < readyMs;
  }

  /** When the next seat is to be had by time alone; in the past where the rates hold none. */
  nextSeat(readyMs: number): number {
    return this.#pacer === null ? Number.NEGATIVE_INFINITY : this.#pacer.nextStart - readyMs;
  }

  /** Returns how to stop waiting. */
  ask(now: number, seat: TicketSeat, demand: Demand, leave: Reserving): () => void {
    const asking = { seat, demand, leave, since: now };
    this.#asking.add(asking);
    return () => this.#asking.delete(asking);
  }

  /** Answers the first that may start and is affordable, or that never will be. False where there is none. */
  answerNext(now: number, mayStart: (seat: TicketSeat) => boolean): boolean {
    const rateLets = (this.#pacer?.nextStart ?? now) <= now;
    for (const asking of this.#asking) {
      const { seat, demand, leave, since } = asking;
      const beyondAll = this.#isBeyondAll(demand);
      if (!beyondAll && !(rateLets && this.#affords(demand) && mayStart(seat))) continue;
      this.#asking.delete(asking);
      if (beyondAll) leave.grant({ kind: 'unaffordable' });
      else if (now - since > LONGEST_WAIT_MS) leave.refuse();
      else {
        this.#take(now, seat, demand);
        leave.grant({ kind: 'reserved' });
      }
      return true;
    }
    return false;
  }

  /** Sends those that wait back in line. */
  refuse(isMeant: (seat: TicketSeat) => boolean): void {
    for (const { seat, leave } of this.#asking) if (isMeant(seat)) leave.refuse();
  }

  /** What a call came to: where nobody tells its cost, the most that it could be counts as spent. */
  settle(now: number, seat: TicketSeat, { billing, costUsd, promptTokens, completionTokens }: AttemptRecord): void {
    const setAside = this.#setAside.get(seat);
    if (setAside === undefined) return;
    this.#setAside.delete(seat);
    setAside.money?.settle(billing === 'none' ? 0 : (costUsd ?? setAside.worstUsd));
    const used = billing === 'none' ? 0 : (promptTokens ?? 0) + (completionTokens ?? 0);
    if (billing === 'none' || used > 0) this.#pacer?.settled(now, setAside.tokens, used);
    if (completionTokens !== null) this.#pacer?.answered(completionTokens);
  }

  /** The seat is left: a call that never was gives back what was set aside for it. */
  release(now: number, seat: TicketSeat): void {
    const setAside = this.#setAside.get(seat);
    if (setAside === undefined) return;
    this.#setAside.delete(seat);
    setAside.money?.release();
    this.#pacer?.settled(now, setAside.tokens, 0);
  }

  #take(now: number, seat: TicketSeat, { promptTokens, maxTokens, worstUsd }: Demand): void {
    const tokens = this.#pacer?.estimate(promptTokens, maxTokens) ?? 0;
    this.#pacer?.started(now, tokens);
    this.#gapMs = Math.max(0, (this.#pacer?.nextStart ?? now) - now);
    const money = this.#budget?.reserve(worstUsd ?? 0) ?? null;
    this.#setAside.set(seat, { money, worstUsd: worstUsd ?? 0, tokens });
  }

  #affords({ worstUsd }: Demand): boolean {
    return this.#budget === null || (worstUsd !== null && this.#budget.fits(worstUsd) === 'now');
  }

  /** It would not be allowed if nothing had been spent. */
  #isBeyondAll({ worstUsd }: Demand): boolean {
    return this.#budget !== null && (worstUsd === null || worstUsd > this.#budget.limitUsd);
  }
}

function dollars(usd: number): string {
  return usd.toFixed(usd < 1 ? 4 : 2);
}
