import { SHORTEST_CACHED_TOKENS } from '../domain/prompt-caching.ts';
import { type CacheVisit, KEPT_MS } from './cache-visit.ts';
import { tokensOf } from './usage.ts';

interface Beginning {
  /** What prompts had in common so far. */
  text: string;
  /** Milliseconds since the epoch; 0 as long as no call that brought it has ended. */
  keptUntilMs: number;
}

/** Of a model. */
const BEGINNINGS_KEPT = 64;
const LONGEST_KEPT = 65_536;
/** Automatic caches keep whole blocks. */
const BLOCK_TOKENS = 128;

/** Beginnings that prompts of one model happen to have in common: no mark is needed. */
export class CommonPrefixes {
  readonly #byModel = new Map<string, Beginning[]>();

  /** Null where the prompt is too short for any of it to be kept. */
  visit(model: string, prompt: string, nowMs: number): CacheVisit | null {
    if (tokensOf(prompt.length) < SHORTEST_CACHED_TOKENS) return null;
    const beginning = this.#beginningOf(model, prompt);
    const blocks = Math.floor(tokensOf(beginning.text.length) / BLOCK_TOKENS);
    const cachedTokens = beginning.keptUntilMs > nowMs ? blocks * BLOCK_TOKENS : 0;
    return {
      use: { cachedTokens, writtenTokens: 0 },
      keep: (endMs) => {
        beginning.keptUntilMs = endMs + KEPT_MS;
      },
    };
  }

  #beginningOf(model: string, prompt: string): Beginning {
    const beginnings = this.#byModel.get(model) ?? [];
    this.#byModel.set(model, beginnings);
    for (const beginning of beginnings) {
      const length = commonLength(beginning.text, prompt);
      if (tokensOf(length) < SHORTEST_CACHED_TOKENS) continue;
      beginning.text = beginning.text.slice(0, length);
      return beginning;
    }
    const begun = { text: prompt.slice(0, LONGEST_KEPT), keptUntilMs: 0 };
    beginnings.push(begun);
    if (beginnings.length > BEGINNINGS_KEPT) beginnings.shift();
    return begun;
  }
}

function commonLength(one: string, other: string): number {
  const longest = Math.min(one.length, other.length);
  let length = 0;
  while (length < longest && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
