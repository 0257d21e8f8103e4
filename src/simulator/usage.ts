import type { CatalogueModel } from './catalogue.ts';

/** Tokens and cost of a reply, in the API's own shape. */
export interface ReplyUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** USD. */
  readonly cost: number;
  readonly is_byok: false;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
  readonly cost_details: {
    readonly upstream_inference_cost: null;
    readonly upstream_inference_prompt_cost: number;
    readonly upstream_inference_completions_cost: number;
  };
}

const CHARACTERS_PER_TOKEN = 4;

/** The simulator's idea of a tokenizer: characters over four, rounded up. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The longest text of so many tokens. */
export function charactersOf(tokens: number): number {
  return tokens * CHARACTERS_PER_TOKEN;
}

/** What most replies do not have. */
interface Particulars {
  /** Part of the completion's tokens. @default 0 */
  readonly reasoningTokens?: number;
  /** Of the prompt's tokens; null if the provider keeps nothing. @default null */
  readonly cache?: CacheUse | null;
  /** What was paid beside the tokens, USD. @default 0 */
  readonly extraUsd?: number;
}

/** Which of a prompt's tokens the provider had kept, and which it keeps from now on. */
export interface CacheUse {
  readonly cachedTokens: number;
  readonly writtenTokens: number;
}

export function usageOf(
  model: CatalogueModel,
  promptCharacters: number,
  completionCharacters: number,
  particulars: Particulars = {},
): ReplyUsage {
  const { reasoningTokens = 0, extraUsd = 0 } = particulars;
  const cache = particulars.cache ?? NO_CACHE;
  const promptTokens = tokensOf(promptCharacters);
  const completionTokens = tokensOf(completionCharacters) + reasoningTokens;
  const promptCost = roundUsd(promptUsd(model, promptTokens, cache));
  const completionCost = roundUsd(completionTokens * Number(model.pricing.completion));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: roundUsd(promptCost + completionCost + extraUsd),
    is_byok: false,
    prompt_tokens_details: { cached_tokens: cache.cachedTokens, cache_write_tokens: cache.writtenTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: promptCost,
      upstream_inference_completions_cost: completionCost,
    },
  };
}

const NO_CACHE: CacheUse = { cachedTokens: 0, writtenTokens: 0 };

function promptUsd({ pricing }: CatalogueModel, tokens: number, { cachedTokens, writtenTokens }: CacheUse): number {
  const { prompt, input_cache_read: read = prompt, input_cache_write: write = prompt } = pricing;
  const plainTokens = tokens - cachedTokens - writtenTokens;
  return plainTokens * Number(prompt) + cachedTokens * Number(read) + writtenTokens * Number(write);
}

/** To ten decimals: what is finer is noise of binary fractions. */
export function roundUsd(amount: number): number {
  return Math.round(amount * 1e10) / 1e10;
}
