import type { CatalogueModel } from './catalogue.ts';

export type ReplyUsage = Readonly<ReturnType<typeof usageOf>>;

export const CHARACTERS_PER_TOKEN = 4;

/** The simulator's idea of a tokenizer: characters over four, rounded up. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** What only some replies have. */
interface Particulars {
  /** Part of the completion's tokens. @default 0 */
  readonly reasoningTokens?: number;
  /** Null if the provider caches nothing. @default null */
  readonly cache?: CacheUse | null;
  /** What was paid beside the tokens, USD. @default 0 */
  readonly extraUsd?: number;
}

/** How many of a prompt's tokens came from the provider's cache, and how many it caches from now on. */
export interface CacheUse {
  readonly cachedTokens: number;
  readonly writtenTokens: number;
}

/** Tokens and cost (USD) of a reply, in the API's own shape. */
export function usageOf(
  model: CatalogueModel,
  promptCharacters: number,
  completionCharacters: number,
  { reasoningTokens = 0, extraUsd = 0, cache }: Particulars = {},
) {
  const { cachedTokens, writtenTokens } = cache ?? { cachedTokens: 0, writtenTokens: 0 };
  const { prompt, input_cache_read: read = prompt, input_cache_write: write = prompt } = model.pricing;
  const promptTokens = tokensOf(promptCharacters);
  const completionTokens = tokensOf(completionCharacters) + reasoningTokens;
  const plainTokens = promptTokens - cachedTokens - writtenTokens;
  const promptCost = roundUsd(
    plainTokens * Number(prompt) + cachedTokens * Number(read) + writtenTokens * Number(write),
  );
  const completionCost = roundUsd(completionTokens * Number(model.pricing.completion));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: roundUsd(promptCost + completionCost + extraUsd),
    is_byok: false,
    prompt_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: writtenTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: promptCost,
      upstream_inference_completions_cost: completionCost,
    },
  };
}

/** To ten decimals: what is finer is noise of binary fractions. */
export function roundUsd(amount: number): number {
  return Math.round(amount * 1e10) / 1e10;
}
