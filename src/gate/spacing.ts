/** What timers are late by (ms) is made up for, so that many short gaps do not add up to a slower pace. */
const LATENESS_MS = 10;

/** Keeps units (calls, tokens) apart by an even gap. Time that went unused is not saved up. Milliseconds of any clock. */
export class Spacing {
  readonly #gapMs: number;
  #nextStart = Number.NEGATIVE_INFINITY;

  /** @param gapMs of one unit */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** When the next unit may start; in the past where nothing holds it. */
  get nextStart(): number {
    return this.#nextStart;
  }

  /** So many units start now: what comes next is put off. Less than none: units are given back, and it comes earlier. */
  take(now: number, units: number): void {
    const earliest = now - LATENESS_MS;
    this.#nextStart = Math.max(earliest, Math.max(earliest, this.#nextStart) + units * this.#gapMs);
  }

  /** Nothing is put off beyond `latest`. */
  notAfter(latest: number): void {
    this.#nextStart = Math.min(this.#nextStart, latest);
  }
}
