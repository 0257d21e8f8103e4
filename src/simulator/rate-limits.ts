import type { FaultPlan } from './fault-plan.ts';

interface Rate {
  /** As the error's message names it. */
  readonly name: string;
  readonly limit: number;
  readonly unit: 'call' | 'token';
  readonly hint: 'exact' | 'whole';
  readonly window: SlidingWindow;
}

/** A rate that a call would exceed. */
export interface RateExcess {
  readonly rate: Rate;
  readonly waitMs: number;
}

const MINUTE_MS = 60_000;

/** The rates of a plan. Earlier calls still count under a new plan, as long as the window keeps its length. */
export class RateLimits {
  readonly #minuteCalls = new SlidingWindow(MINUTE_MS);
  readonly #minuteTokens = new SlidingWindow(MINUTE_MS);
  #calls = new SlidingWindow(MINUTE_MS);
  #rates: readonly Rate[] = [];

  setPlan({ rpm, tpm, window }: Pick<FaultPlan, 'rpm' | 'tpm' | 'window'>): void {
    const { calls, seconds = 0, hint = 'whole' } = window ?? {};
    const windowMs = seconds * 1000;
    if (calls !== undefined && windowMs !== this.#calls.windowMs) this.#calls = new SlidingWindow(windowMs);
    const rates: readonly (Omit<Rate, 'limit'> & { readonly limit: number | undefined })[] = [
      { name: 'requests per minute', limit: rpm, unit: 'call', hint: 'whole', window: this.#minuteCalls },
      { name: 'tokens per minute', limit: tpm, unit: 'token', hint: 'whole', window: this.#minuteTokens },
      { name: `requests per ${seconds} seconds`, limit: calls, unit: 'call', hint, window: this.#calls },
    ];
    this.#rates = rates.filter((rate): rate is Rate => rate.limit !== undefined);
  }

  /** Null if the call may pass; then it is counted. Otherwise the first rate that it would exceed. */
  take(nowMs: number, tokens: number): RateExcess | null {
    const weighed = this.#rates.map((rate) => ({ rate, weight: rate.unit === 'token' ? tokens : 1 }));
    for (const { rate, weight } of weighed) {
      const waitMs = rate.window.waitMs(nowMs, weight, rate.limit);
      if (waitMs > 0) return { rate, waitMs };
    }
    for (const { rate, weight } of weighed) rate.window.add(nowMs, weight);
    return null;
  }
}

/** What passed in the last `windowMs`: each passage makes room exactly one window later. */
export class SlidingWindow {
  readonly windowMs: number;
  #passages: { readonly atMs: number; readonly weight: number }[] = [];
  /** The index of the oldest passage that still counts. */
  #first = 0;
  #weight = 0;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** Milliseconds until `weight` fits under the limit; 0 if it fits now. A weight above the limit fits an empty window. */
  waitMs(nowMs: number, weight: number, limit: number): number {
    this.#forget(nowMs);
    let excess = this.#weight + Math.min(weight, limit) - limit;
    let roomAtMs = nowMs;
    for (let index = this.#first; excess > 0; index += 1) {
      const passage = this.#passages[index];
      if (passage === undefined) break;
      excess -= passage.weight;
      roomAtMs = passage.atMs + this.windowMs;
    }
    return roomAtMs - nowMs;
  }

  add(nowMs: number, weight: number): void {
    this.#passages.push({ atMs: nowMs, weight });
    this.#weight += weight;
  }

  #forget(nowMs: number): void {
    for (let oldest = this.#passages[this.#first]; oldest !== undefined; oldest = this.#passages[this.#first]) {
      if (oldest.atMs + this.windowMs > nowMs) break;
      this.#weight -= oldest.weight;
      this.#first += 1;
    }
    if (this.#first * 2 <= this.#passages.length) return;
    this.#passages = this.#passages.slice(this.#first);
    this.#first = 0;
  }
}

const DAY_MS = 86_400_000;

/** Counts the calls of a UTC day. Times are milliseconds since the epoch. */
export class DailyQuota {
  #day = 0;
  #used = 0;

  /** Whether the call is one of the day's first `limit`; then it is counted. */
  take(nowMs: number, limit: number): boolean {
    if (this.used(nowMs) >= limit) return false;
    this.#used += 1;
    return true;
  }

  used(nowMs: number): number {
    const day = dayOf(nowMs);
    if (day !== this.#day) this.#used = 0;
    this.#day = day;
    return this.#used;
  }
}

/** When the UTC day of that moment ends. */
export function endOfDay(nowMs: number): number {
  return (dayOf(nowMs) + 1) * DAY_MS;
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}
