import { hash } from 'node:crypto';
import { promptCachingOf, SHORTEST_CACHED_TOKENS } from '../domain/models.ts';
import type { RequestMessage } from './chat-request.ts';
import { type CacheUse, tokensOf } from './usage.ts';

/** What a call finds in a provider's cache. */
interface CacheVisit {
  readonly use: CacheUse;
  /** To be called when the call has ended: only then do others find its prompt. */
  readonly keep: (nowMs: number) => void;
}

/** How long a beginning stays in the cache. */
const KEPT_MS = 300_000;

interface CommonBeginning {
  /** What all its prompts so far have in common. */
  text: string;
  /** Milliseconds since the epoch; 0 as long as no call that brought it has ended. */
  keptUntilMs: number;
}

/** Per model. */
const BEGINNINGS_KEPT = 64;
const LONGEST_KEPT = 65_536;
/** Automatic caches keep whole blocks. */
const BLOCK_TOKENS = 128;

const MARKED_KEPT = 1_000;

/** What providers cache of prompts, by model. A prompt with nothing to cache takes no time. */
export class PromptCache {
  /** When beginnings up to a mark leave the cache, milliseconds since the epoch. */
  readonly #marked = new Map<string, number>();
  /** Beginnings that prompts of one model happen to have in common: no mark is needed. */
  readonly #common = new Map<string, CommonBeginning[]>();

  /** Null if the provider caches nothing of such a prompt. */
  visit(model: string, messages: readonly RequestMessage[], nowMs: number): CacheVisit | null {
    const caching = promptCachingOf(model);
    if (caching === 'automatic') return this.#visitCommon(model, textOf(messages), nowMs);
    return caching === 'explicit' ? this.#visitMarked(model, messages, nowMs) : null;
  }

  #visitCommon(model: string, prompt: string, nowMs: number): CacheVisit | null {
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

  #beginningOf(model: string, prompt: string): CommonBeginning {
    const beginnings = this.#common.get(model) ?? [];
    this.#common.set(model, beginnings);
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

  #visitMarked(model: string, messages: readonly RequestMessage[], nowMs: number): CacheVisit | null {
    const marked = markedBeginnings(messages)
      .map((text) => ({ tokens: tokensOf(text.length), key: `${model} ${hash('sha256', text)}` }))
      .filter(({ tokens }) => tokens >= SHORTEST_CACHED_TOKENS);
    const longest = marked.at(-1)?.tokens;
    if (longest === undefined) return null;
    const cachedTokens = marked.findLast(({ key }) => (this.#marked.get(key) ?? 0) > nowMs)?.tokens ?? 0;
    return {
      use: { cachedTokens, writtenTokens: longest - cachedTokens },
      keep: (endMs) => {
        for (const { key } of marked) this.#keep(key, endMs + KEPT_MS);
      },
    };
  }

  /** If there are too many, the one that was used least recently goes. */
  #keep(key: string, untilMs: number): void {
    this.#marked.delete(key);
    this.#marked.set(key, untilMs);
    const [oldest] = this.#marked.keys();
    if (this.#marked.size > MARKED_KEPT && oldest !== undefined) this.#marked.delete(oldest);
  }
}

/** The prompt up to each mark, shortest first. */
function markedBeginnings(messages: readonly RequestMessage[]): readonly string[] {
  return messages.flatMap(({ text, marks }, index) => {
    if (marks.length === 0) return [];
    const before = textOf(messages.slice(0, index));
    return marks.map((mark) => before + text.slice(0, mark));
  });
}

function textOf(messages: readonly RequestMessage[]): string {
  return messages.map(({ text }) => text).join('');
}

function commonLength(one: string, other: string): number {
  const longest = Math.min(one.length, other.length);
  let length = 0;
  while (length < longest && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
