import type { AttemptRecord } from '../domain/attempt.ts';
import { type Demand, type Grant, RESERVED } from '../domain/ports.ts';
import { counted, usd } from '../lib/text.ts';
import type { Budget, Reservation } from './budget.ts';
import type { ConfiguredRate } from './configured-rate.ts';
import type { ModelLimiter } from './model-limiter.ts';

export interface ReservationSettings {
  /** Rates that a person set; null: none. */
  readonly configuredRate: ConfiguredRate | null;
  /** What may be spent; null: anything. */
  readonly budget: Budget | null;
}

/** Tokens and money of one call: asked for, then set aside. */
export interface CallReservation {
  readonly limiter: ModelLimiter;
  readonly demand: Demand;
  /** When it was asked for. */
  readonly since: number;
  readonly answer: (grant: Grant) => void;
  money: Reservation | null;
  /** Estimated; null if they are not set aside. */
  tokens: number | null;
}

/** After a longer wait (ms) a document is read again: it may have changed. */
const LONGEST_WAIT_MS = 2000;

/** Tokens and money of the calls in flight, and the documents that wait for some. */
export class Reservations {
  readonly #configuredRate: ConfiguredRate | null;
  readonly #budget: Budget | null;
  readonly #waiting = new Set<CallReservation>();
  /** From the last call that was granted one to the next, by the rates; Infinity before the first. */
  #gapMs = Number.POSITIVE_INFINITY;

  constructor({ configuredRate, budget }: ReservationSettings) {
    this.#configuredRate = configuredRate;
    this.#budget = budget;
  }

  /** False if calls need no reservation. */
  get needed(): boolean {
    return this.#configuredRate !== null || this.#budget !== null;
  }

  /** Why the budget allows none of those that wait, in words; null if it does, or may when calls in flight end. */
  get shortage(): string | null {
    if (this.#waiting.size === 0 || this.#budget?.reservedUsd !== 0) return null;
    for (const { demand } of this.#waiting) if (this.#affords(demand)) return null;
    const { spentUsd, limitUsd } = this.#budget;
    const left = `${usd(Math.max(0, limitUsd - spentUsd))} of the budget of ${usd(limitUsd)} are left`;
    const costs = Array.from(this.#waiting, ({ demand: { worstUsd, maxTokens } }) => ({
      worstUsd: worstUsd ?? Number.POSITIVE_INFINITY,
      maxTokens,
    }));
    const cheapest = costs.reduce((one, other) => (other.worstUsd < one.worstUsd ? other : one));
    const why = `its prompt, and an answer of up to ${counted(cheapest.maxTokens, 'token')}`;
    return `${left}, and the next call may cost ${usd(cheapest.worstUsd)}: ${why}`;
  }

  /** When the budget is refilled (ms since the epoch); null if it is not. */
  get refilledAt(): number | null {
    return this.#budget?.refilledAt ?? null;
  }

  /** When the rates let the next call of those that wait start, if that is after `now`; else Infinity. */
  nextMoment(now: number): number {
    const next = this.#waiting.size > 0 ? (this.#configuredRate?.nextStart ?? now) : now;
    return next > now ? next : Number.POSITIVE_INFINITY;
  }

  /** Whether one more document may get ready, beside `ready` others. It takes `readyMs`. */
  hasSlot(now: number, ready: number, readyMs: number): boolean {
    for (const { demand } of this.#waiting) if (!this.#affords(demand)) return false;
    if (this.#configuredRate === null) return true;
    return this.nextSlot(readyMs) <= now && (ready === 0 || ready * this.#gapMs < readyMs);
  }

  /** When the rates let the next document get ready; in the past if they hold none back. */
  nextSlot(readyMs: number): number {
    return this.#configuredRate === null ? Number.NEGATIVE_INFINITY : this.#configuredRate.nextStart - readyMs;
  }

  /** `answer` is called once, unless the reservation is released before. */
  ask(now: number, limiter: ModelLimiter, demand: Demand, answer: (grant: Grant) => void): CallReservation {
    const asked = { limiter, demand, since: now, answer, money: null, tokens: null };
    this.#waiting.add(asked);
    return asked;
  }

  /** Answers the first that may start and is affordable, or never will be. False if there is none. */
  answerNext(now: number, mayStart: (limiter: ModelLimiter) => boolean): boolean {
    if (this.#waiting.size === 0) return false;
    const rateAllows = (this.#configuredRate?.nextStart ?? now) <= now;
    for (const asked of this.#waiting) {
      const { limiter, demand, since } = asked;
      const beyondAll = this.#isBeyondAll(demand);
      if (!beyondAll && !(rateAllows && this.#affords(demand) && mayStart(limiter))) continue;
      if (beyondAll) this.#answer(asked, { kind: 'unaffordable' });
      else if (now - since > LONGEST_WAIT_MS) this.#answer(asked, { kind: 'requeue' });
      else {
        this.#setAside(now, asked);
        this.#answer(asked, RESERVED);
      }
      return true;
    }
    return false;
  }

  /** Those whose limiter is shut go back in line. */
  sendBack(isShut: (limiter: ModelLimiter) => boolean): void {
    for (const asked of this.#waiting) if (isShut(asked.limiter)) this.#answer(asked, { kind: 'requeue' });
  }

  /** A call ended. If its cost is not known, the most that it could be counts as spent. */
  charge(now: number, reserved: CallReservation, record: AttemptRecord): void {
    const { tokens, money } = reserved;
    if (tokens === null) return;
    reserved.tokens = null;
    const { billing, costUsd, promptTokens, completionTokens } = record;
    money?.charge(billing === 'none' ? 0 : (costUsd ?? money.worstUsd));
    const used = billing === 'none' ? 0 : (promptTokens ?? 0) + (completionTokens ?? 0);
    if (billing === 'none' || used > 0) this.#configuredRate?.corrected(now, tokens, used);
    if (completionTokens !== null) this.#configuredRate?.answered(completionTokens);
  }

  /** No call follows: what was set aside for one that never left is given back, and `answer` is no longer called. */
  release(now: number, reserved: CallReservation): void {
    this.#waiting.delete(reserved);
    if (reserved.tokens === null) return;
    reserved.money?.release();
    this.#configuredRate?.corrected(now, reserved.tokens, 0);
    reserved.tokens = null;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  #answer(asked: CallReservation, grant: Grant): void {
    this.#waiting.delete(asked);
    asked.answer(grant);
  }

  #setAside(now: number, asked: CallReservation): void {
    const { promptTokens, maxTokens, worstUsd } = asked.demand;
    asked.tokens = this.#configuredRate?.estimate(promptTokens, maxTokens) ?? 0;
    this.#configuredRate?.started(now, asked.tokens);
    this.#gapMs = Math.max(0, (this.#configuredRate?.nextStart ?? now) - now);
    asked.money = this.#budget?.reserve(worstUsd ?? 0) ?? null;
  }

  #affords({ worstUsd }: Demand): boolean {
    return this.#budget === null || (worstUsd !== null && this.#budget.fits(worstUsd) === 'now');
  }

  /** More than the whole budget, or of unknown cost. */
  #isBeyondAll({ worstUsd }: Demand): boolean {
    return this.#budget !== null && (worstUsd === null || worstUsd > this.#budget.limitUsd);
  }
}
