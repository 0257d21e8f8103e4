import type { Price } from '../../domain/ports.ts';
import { isTokenizerOf } from '../../llm/tokens.ts';
import { addRanges, type Basis, groupBy, type ModelPlan, mapRange, NOTHING, type Range } from './plan.ts';
import type { KindEstimate } from './prompts.ts';
import type { PastAnswer } from './reuse.ts';

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

/** What one call is expected to bring, and how long it takes. */
interface ExpectedAnswer {
  readonly completionTokens: Range;
  readonly seconds: Range;
  readonly basis: Basis;
}

/** From fewer answers than these nothing is concluded. */
const ENOUGH = 5;

/** Tokens of an answer where nothing is known; the longest is what is asked for. */
const GUESS = { low: 100, likely: 800 };

/** A guess, too: until the first token, and from there on. */
const FIRST_TOKEN_SECONDS = 1;
const TOKENS_PER_SECOND = 60;

/** From earlier answers (the shortest and the longest tenth cut off), else from a guess. */
export function expectAnswer(
  past: readonly PastAnswer[],
  { maxTokens, timeoutSeconds }: { readonly maxTokens: number; readonly timeoutSeconds: number },
): ExpectedAnswer {
  if (past.length >= ENOUGH) {
    return {
      completionTokens: rangeOf(past.map(({ completionTokens }) => completionTokens)),
      seconds: rangeOf(past.map(({ seconds }) => seconds)),
      basis: { from: 'ledger', answers: past.length },
    };
  }
  const tokens = mapRange({ ...GUESS, high: maxTokens }, (count) => Math.min(count, maxTokens));
  return {
    completionTokens: tokens,
    seconds: mapRange(tokens, (count) => Math.min(FIRST_TOKEN_SECONDS + count / TOKENS_PER_SECOND, timeoutSeconds)),
    basis: { from: 'guess', answers: past.length },
  };
}

/** Totals grow with the mean; a few that are very large may lift it above nine tenths. */
function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const likely = values.reduce((total, value) => total + value, 0) / values.length;
  return { low: Math.min(at(0.1), likely), likely, high: Math.max(at(0.9), likely) };
}
