const WINDOW_MS = 60_000;

/** Lets through at most `limit` calls in any 60 seconds. */
export class RateWindow {
  readonly limit: number;
  /** The times of the last `limit` calls that were let through; the next one goes where the oldest stands. */
  readonly #times: number[] = [];
  #next = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Milliseconds until there is room; 0 where there was, and this call took it. */
  take(nowMs: number): number {
    const wait = (this.#times[this.#next] ?? Number.NEGATIVE_INFINITY) + WINDOW_MS - nowMs;
    if (wait > 0) return wait;
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.limit;
    return 0;
  }
}
