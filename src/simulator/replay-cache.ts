import type { Completion } from './completion.ts';
import type { ReplayOrder } from './replay-order.ts';

/** An answer that is kept for calls with the same body. */
export interface KeptAnswer {
  readonly completion: Completion;
  /** When it was complete, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly ttlSeconds: number;
}

const CAPACITY = 100_000;

/** Answers that may be given again. The oldest go where there are too many. */
export class ReplayCache {
  readonly #answers = new Map<string, KeptAnswer>();

  /** What is complete by now and not too old. Twins at the same moment do not find each other. */
  find({ key, anew }: ReplayOrder, nowMs: number): KeptAnswer | undefined {
    if (anew) this.#answers.delete(key);
    const kept = this.#answers.get(key);
    const isFresh = kept !== undefined && nowMs >= kept.sinceMs && nowMs < kept.sinceMs + kept.ttlSeconds * 1000;
    return isFresh ? kept : undefined;
  }

  /** `sinceMs` may lie ahead: an answer is complete when it is, whether or not its caller still waits. */
  keep({ key, ttlSeconds }: ReplayOrder, completion: Completion, sinceMs: number): void {
    this.#answers.delete(key);
    this.#answers.set(key, { completion, sinceMs, ttlSeconds });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > CAPACITY && oldest !== undefined) this.#answers.delete(oldest);
  }
}
