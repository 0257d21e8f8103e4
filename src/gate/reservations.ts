import type { AttemptRecord } from '../domain/attempt.ts';
import type { Demand } from '../domain/ports.ts';
import type { Budget, Reservation } from './budget.ts';
import type { Pacer } from './pacer.ts';
import type { Reserving, TicketSeat } from './ticket-seat.ts';

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
}

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

  /** Returns how to stop waiting. */
  ask(seat: TicketSeat, demand: Demand, leave: Reserving): () => void {
    const asking = { seat, demand, leave };
    this.#asking.add(asking);
    return () => this.#asking.delete(asking);
  }

  /** Answers the first that may start and is affordable, or that never will be. False where there is none. */
  answerNext(now: number, mayStart: (seat: TicketSeat) => boolean): boolean {
    if ((this.#pacer?.nextStart ?? now) > now) return false;
    for (const asking of this.#asking) {
      const { seat, demand, leave } = asking;
      const beyondAll = this.#isBeyondAll(demand);
      if (!beyondAll && !(this.#affords(demand) && mayStart(seat))) continue;
      this.#asking.delete(asking);
      if (!beyondAll) this.#take(now, seat, demand);
      leave.grant(beyondAll ? 'unaffordable' : 'reserved');
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
  release(seat: TicketSeat): void {
    this.#setAside.get(seat)?.money?.release();
    this.#setAside.delete(seat);
  }

  #take(now: number, seat: TicketSeat, { promptTokens, maxTokens, worstUsd }: Demand): void {
    const tokens = this.#pacer?.estimate(promptTokens, maxTokens) ?? 0;
    this.#pacer?.started(now, tokens);
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
