import { promptCachingOf } from '../domain/prompt-caching.ts';
import type { Turn } from './asked.ts';
import type { CacheVisit } from './cache-visit.ts';
import { CommonPrefixes } from './common-prefixes.ts';
import { MarkedPrefixes } from './marked-prefixes.ts';

/** What providers keep of prompts, model by model. Prompts with nothing to keep cost no time. */
export class PromptCache {
  readonly #marked = new MarkedPrefixes();
  readonly #common = new CommonPrefixes();

  /** Null where the model keeps nothing of such a prompt. */
  visit(model: string, turns: readonly Turn[], nowMs: number): CacheVisit | null {
    const caching = promptCachingOf(model);
    if (caching === 'automatic') return this.#common.visit(model, textOf(turns), nowMs);
    if (caching !== 'explicit' || turns.every(({ marks }) => marks.length === 0)) return null;
    return this.#marked.visit(model, markedBeginnings(turns), nowMs);
  }
}

/** What stands before each mark, shortest first. */
function markedBeginnings(turns: readonly Turn[]): readonly string[] {
  return turns.flatMap(({ text, marks }, index) => {
    const before = textOf(turns.slice(0, index));
    return marks.map((mark) => before + text.slice(0, mark));
  });
}

function textOf(turns: readonly Turn[]): string {
  return turns.map(({ text }) => text).join('');
}
