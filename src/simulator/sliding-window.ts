interface Passage {
  readonly atMs: number;
  readonly weight: number;
}

/** What passed in the last `windowMs`, so that a limit on it slides: each passage makes room exactly one window later. */
export class SlidingWindow {
  readonly #windowMs: number;
  #passages: Passage[] = [];
  /** Where the oldest passage that still counts stands. */
  #first = 0;
  #weight = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Milliseconds until so much more fits under the limit; 0 where it fits now. What is over the limit by itself fits an empty window. */
  waitMs(nowMs: number, weight: number, limit: number): number {
    this.#forget(nowMs);
    let excess = this.#weight + Math.min(weight, limit) - limit;
    let roomAtMs = nowMs;
    for (let index = this.#first; excess > 0; index += 1) {
      const passage = this.#passages[index];
      if (passage === undefined) break;
      excess -= passage.weight;
      roomAtMs = passage.atMs + this.#windowMs;
    }
    return roomAtMs - nowMs;
  }

  add(nowMs: number, weight: number): void {
    this.#passages.push({ atMs: nowMs, weight });
    this.#weight += weight;
  }

  #forget(nowMs: number): void {
    for (let oldest = this.#passages[this.#first]; oldest !== undefined; oldest = this.#passages[this.#first]) {
      if (oldest.atMs + this.#windowMs > nowMs) break;
      this.#weight -= oldest.weight;
      this.#first += 1;
    }
    if (this.#first * 2 <= this.#passages.length) return;
    this.#passages = this.#passages.slice(this.#first);
    this.#first = 0;
  }
}
