/** How much a new measurement counts against those before it. */
const WEIGHT = 0.1;

/** Calls do not end evenly: of as many again as end in the mean, some are ready also when more of them end at once. */
const MARGIN = 2;

/**
 * How many calls more than may be in flight are made ready, so that one is ready whenever another one ends: twice as
 * many as end in the time that it takes to make one ready (Little's law). Where calls take seconds that is none: making ready
 * takes milliseconds, and a call that was made ready too early would only wait.
 */
export class Lookahead {
  #readyMs: number | null = null;
  #callMs: number | null = null;

  /** From a seat to the call, without the waits for leave. */
  tookToGetReady(ms: number): void {
    this.#readyMs = mean(this.#readyMs, ms);
  }

  tookToCall(ms: number): void {
    this.#callMs = mean(this.#callMs, ms);
  }

  /** What it takes to get ready, in the mean; 0 before it is known. */
  get readyMs(): number {
    return this.#readyMs ?? 0;
  }

  /** Calls to make ready beside `calls` that are in flight; as many again at most. */
  beyond(calls: number): number {
    if (this.#readyMs === null || this.#callMs === null || !Number.isFinite(calls)) return 0;
    return Math.min(calls, Math.round((MARGIN * calls * this.#readyMs) / Math.max(this.#callMs, 1)));
  }

  /** Calls to make ready for a rate at which they may start. */
  forRate(perSecond: number): number {
    return Math.max(1, Math.ceil((perSecond * this.readyMs) / 1000));
  }
}

function mean(before: number | null, now: number): number {
  return before === null ? now : before + WEIGHT * (now - before);
}
