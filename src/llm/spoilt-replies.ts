import type { AttemptRecord } from '../domain/attempt.ts';

/** More are hardly in line for another attempt at once; one that is forgotten costs an attempt, and no money. */
const CAPACITY = 10_000;

/**
 * Requests whose last reply came whole and is no good answer. The API may have kept it, and would replay it as often as
 * it is asked for.
 */
export class SpoiltReplies {
  readonly #bodies = new Set<string>();

  has(bodySha256: string): boolean {
    return this.#bodies.has(bodySha256);
  }

  /** An attempt that was not billed changed nothing of what the API keeps. */
  heed(bodySha256: string, { billing, verdict }: AttemptRecord): void {
    if (billing === 'none') return;
    this.#bodies.delete(bodySha256);
    if (billing !== 'known' || verdict === 'answer') return;
    this.#bodies.add(bodySha256);
    const [oldest] = this.#bodies;
    if (this.#bodies.size > CAPACITY && oldest !== undefined) this.#bodies.delete(oldest);
  }
}
