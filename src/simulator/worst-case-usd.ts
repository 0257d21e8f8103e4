import type { CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import { roundUsd, tokensOf } from './usage.ts';

/** What a call may cost at most: its prompt, and every token that its answer may have, at the catalogue's prices. */
export function worstCaseUsd(model: CatalogueModel, { promptCharacters, maxTokens }: ChatRequest): number {
  const { pricing, top_provider: provider } = model;
  const completionTokens = Math.min(maxTokens, provider.max_completion_tokens);
  return roundUsd(tokensOf(promptCharacters) * Number(pricing.prompt) + completionTokens * Number(pricing.completion));
}
