import { type Limit, LONGEST_HINT_SECONDS } from '../domain/attempt.ts';

/** After a cooldown one call starts at once, the next this much later (ms) ... */
const FIRST_GAP_MS = 50;
/** ... and each further gap is this part of the one before: about 20 starts in 0.65 s, all gaps together 1 s. */
const GAP_SHRINKS_TO = 0.95;
/** The ramp is over at a gap below this (ms). */
const LAST_GAP_MS = 1;

/**
 * When calls to one API and model may start after the server asked for less: when the cooldown is over, and then one by
 * one, so that those that waited do not all start at once. Times are ms of the gate's clock.
 */
export class Cooldown {
  #until = Number.NEGATIVE_INFINITY;
  #gap = 0;

  /** When the next call may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return this.#until;
  }

  /** Nothing starts before `until`. A cooldown never shortens one that runs. */
  extend(until: number): void {
    this.#until = Math.max(this.#until, until);
    this.#gap = FIRST_GAP_MS;
  }

  /** A call starts now. */
  started(now: number): void {
    if (this.#gap === 0) return;
    this.#until = now + this.#gap;
    this.#gap *= GAP_SHRINKS_TO;
    if (this.#gap < LAST_GAP_MS) this.#gap = 0;
  }
}

/**
 * How long a model cools that wants this many seconds. Hints can be absurd: after the longest wait, a call looks again.
 * What is longer than `longest` is not waited for at all, and stays as it is.
 */
export function secondsToCool(wanted: number, longest: number): number {
  return wanted <= longest ? Math.min(wanted, LONGEST_HINT_SECONDS) : wanted;
}

/**
 * Whether a refusal holds back all calls to its model. If too many calls were in flight, or held too much money, fewer
 * calls help; if even one is too many, only time does.
 */
export function coolsModel(cools: 'document' | 'model', limit: Limit | undefined, inFlight: number): boolean {
  return limit === 'concurrency' || limit === 'spending' ? inFlight === 1 : cools === 'model';
}
