import type { Verdict } from '../domain/attempt.ts';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { Flight } from './ticket-seat.ts';

/** How long a run waits for a model that cools. */
export class Patience {
  readonly #longestSeconds: number;

  /** A cooldown that is longer sends those that wait for it away. Default: never. */
  constructor(longestSeconds = Number.POSITIVE_INFINITY) {
    this.#longestSeconds = longestSeconds;
  }

  waitsFor(seconds: number): boolean {
    return seconds <= this.#longestSeconds;
  }

  /** What is longer is looked at again then, by the first call: hints can be absurd, and the document itself is away. */
  secondsToCool(wanted: number): number {
    return this.waitsFor(wanted) ? Math.min(wanted, LONGEST_HINT_SECONDS) : wanted;
  }
}

export type Retry = Extract<Verdict, { kind: 'retry' }>;

/** Too many at once, or too much money held by them: fewer are the cure. Where even one is too many, only time is. */
export function coolsLane({ cools, limit }: Retry, flight: Flight | null): boolean {
  return limit === 'concurrency' || limit === 'spending' ? flight?.inFlight === 1 : cools === 'model';
}
