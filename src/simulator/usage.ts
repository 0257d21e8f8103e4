import type { CatalogueModel } from './catalogue.ts';

/** What a reply tells of its tokens and cost, in the API's own shape. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** USD. */
  readonly cost: number;
  readonly is_byok: false;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
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

/** Reasoning tokens are part of the completion's. */
export function usageOf(
  model: CatalogueModel,
  promptCharacters: number,
  completionCharacters: number,
  reasoned = false,
): Usage {
  const promptTokens = tokensOf(promptCharacters);
  const completionTokens = tokensOf(completionCharacters);
  const promptCost = roundUsd(promptTokens * Number(model.pricing.prompt));
  const completionCost = roundUsd(completionTokens * Number(model.pricing.completion));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: roundUsd(promptCost + completionCost),
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoned ? completionTokens : 0 },
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
