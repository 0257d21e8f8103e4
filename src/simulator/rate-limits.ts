import type { FaultPlan } from './fault-plan.ts';
import type { WaitHint, WindowLimit } from './plan-limits.ts';
import { SlidingWindow } from './sliding-window.ts';

interface Rate {
  /** As the error's message names it. */
  readonly name: string;
  readonly limit: number;
  readonly unit: 'call' | 'token';
  readonly hint: WaitHint;
  readonly window: SlidingWindow;
}

/** A rate that a call came too early for. */
export interface RateExcess {
  readonly rate: Rate;
  readonly waitMs: number;
}

const MINUTE_SECONDS = 60;
const MINUTE_MS = MINUTE_SECONDS * 1000;

/** The rates of a plan. What has passed counts on under a new plan, as long as the window keeps its length. */
export class RateLimits {
  readonly #minuteCalls = new SlidingWindow(MINUTE_MS);
  readonly #minuteTokens = new SlidingWindow(MINUTE_MS);
  #calls = new SlidingWindow(MINUTE_MS);
  #callsSeconds = MINUTE_SECONDS;
  #rates: readonly Rate[] = [];

  setPlan({ rpm, tpm, window }: Pick<FaultPlan, 'rpm' | 'tpm' | 'window'>): void {
    const rates: readonly (Rate | null)[] = [
      rpm === undefined
        ? null
        : { name: 'requests per minute', limit: rpm, unit: 'call', hint: 'whole', window: this.#minuteCalls },
      tpm === undefined
        ? null
        : { name: 'tokens per minute', limit: tpm, unit: 'token', hint: 'whole', window: this.#minuteTokens },
      window === undefined ? null : this.#windowRate(window),
    ];
    this.#rates = rates.filter((rate) => rate !== null);
  }

  /** Null where the call may pass, and is counted; otherwise the first rate that it came too early for. */
  take(nowMs: number, tokens: number): RateExcess | null {
    for (const rate of this.#rates) {
      const waitMs = rate.window.waitMs(nowMs, weightIn(rate, tokens), rate.limit);
      if (waitMs > 0) return { rate, waitMs };
    }
    for (const rate of this.#rates) rate.window.add(nowMs, weightIn(rate, tokens));
    return null;
  }

  #windowRate({ calls, seconds, hint = 'whole' }: WindowLimit): Rate {
    if (seconds !== this.#callsSeconds) this.#calls = new SlidingWindow(seconds * 1000);
    this.#callsSeconds = seconds;
    return { name: `requests per ${seconds} seconds`, limit: calls, unit: 'call', hint, window: this.#calls };
  }
}

function weightIn({ unit }: Rate, tokens: number): number {
  return unit === 'token' ? tokens : 1;
}
