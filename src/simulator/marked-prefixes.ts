import { hash } from 'node:crypto';
import { SHORTEST_CACHED_TOKENS } from '../domain/prompt-caching.ts';
import { type CacheVisit, KEPT_MS } from './cache-visit.ts';
import { tokensOf } from './usage.ts';

const MARKED_KEPT = 1_000;

/** Beginnings of prompts that are kept up to a mark. */
export class MarkedPrefixes {
  /** Until when each can be read, milliseconds since the epoch. */
  readonly #kept = new Map<string, number>();

  /** `beginnings`: shortest first. Null where none is long enough to be kept. */
  visit(model: string, beginnings: readonly string[], nowMs: number): CacheVisit | null {
    const marked = beginnings
      .map((text) => ({ tokens: tokensOf(text.length), key: `${model} ${hash('sha256', text)}` }))
      .filter(({ tokens }) => tokens >= SHORTEST_CACHED_TOKENS);
    const longest = marked.at(-1)?.tokens;
    if (longest === undefined) return null;
    const cachedTokens = marked.findLast(({ key }) => (this.#kept.get(key) ?? 0) > nowMs)?.tokens ?? 0;
    return {
      use: { cachedTokens, writtenTokens: longest - cachedTokens },
      keep: (endMs) => {
        for (const { key } of marked) this.#keep(key, endMs + KEPT_MS);
      },
    };
  }

  /** The one that was not asked for longest goes where there are too many. */
  #keep(key: string, untilMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, untilMs);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MARKED_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
