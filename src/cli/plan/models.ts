import type { Price } from '../../domain/ports.ts';
import { isTokenizerOf } from '../../llm/tokens.ts';
import { groupBy } from '../../queries/group-by.ts';
import type { ExpectedAnswer } from '../../queries/plan-answers.ts';
import { addRanges, mapRange, NOTHING } from '../../queries/ranges.ts';
import type { ModelPlan, Range } from './plan.ts';
import type { KindEstimate } from './prompts.ts';

/** How many more tokens than OpenAI's another tokenizer may find in the same text. */
const OTHER_TOKENIZERS = 1.3;

/** Documents of one kind, and what their answers are expected to be. */
export interface ExpectedKind extends KindEstimate {
  readonly expected: ExpectedAnswer;
}

/** What a model costs, or why nobody knows. */
export type Pricing = Pick<ModelPlan, 'price' | 'priceUnknown'>;

/** What each model is asked, and what that costs: the one of most documents first. */
export function planModels(
  kinds: readonly ExpectedKind[],
  pricingOf: (model: string) => Pricing,
): readonly ModelPlan[] {
  return [...groupBy(kinds, ({ recipe }) => recipe.model)]
    .map(([model, some]) => planModel(model, some, pricingOf(model)))
    .toSorted((one, other) => other.documents - one.documents);
}

/** Of a model that is asked nothing, too. */
export function planModel(model: string, kinds: readonly ExpectedKind[], pricing: Pricing): ModelPlan {
  const requests = kinds.reduce((sum, { totals }) => sum + totals.requests, 0);
  const tokenizerFits = isTokenizerOf(model);
  const prompt = kinds.map((kind) => promptTokens(kind, tokenizerFits)).reduce(addRanges, NOTHING);
  const completion = kinds
    .map(({ totals, expected }) => mapRange(expected.completionTokens, (tokens) => tokens * totals.requests))
    .reduce(addRanges, NOTHING);
  const tokens = { prompt: mapRange(prompt, Math.round), completion: mapRange(completion, Math.round), tokenizerFits };
  return {
    model,
    documents: kinds.reduce((sum, { documents }) => sum + documents, 0),
    requests,
    tokens,
    ...pricing,
    costUsd: pricing.price === null ? null : costOf(tokens, requests, pricing.price),
  };
}

/** With the answers to parts that a last request puts together. */
function promptTokens({ totals, expected }: ExpectedKind, tokenizerFits: boolean): Range {
  const { textTokens, mediaTokens, mediaTokensAtMost } = totals;
  const own = {
    low: textTokens + mediaTokens,
    likely: textTokens + mediaTokens,
    high: textTokens * (tokenizerFits ? 1 : OTHER_TOKENIZERS) + mediaTokensAtMost,
  };
  return addRanges(
    own,
    mapRange(expected.completionTokens, (tokens) => tokens * totals.answersRead),
  );
}

function costOf({ prompt, completion }: ModelPlan['tokens'], requests: number, price: Price): Range {
  const calls = mapRange(NOTHING, () => requests * price.request);
  return [
    mapRange(prompt, (tokens) => tokens * price.prompt),
    mapRange(completion, (tokens) => tokens * price.completion),
  ].reduce(addRanges, calls);
}
