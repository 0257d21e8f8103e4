import type { Options } from '../../domain/options.ts';
import type { Price } from '../../domain/ports.ts';
import { isTokenizerOf, TOKENIZER } from '../../llm/tokens.ts';
import type { PastAnswer } from './documents.ts';
import {
  addRanges,
  type EstimateBasis,
  type EstimateRange,
  groupBy,
  type ModelPlan,
  mapRange,
  NOTHING,
  type Plan,
  total,
  totalRange,
} from './plan.ts';
import type { KindEstimate, Total } from './prompts.ts';

/** How many more tokens than OpenAI's another tokenizer may find in the same text. */
const OTHER_TOKENIZERS = 1.3;

/** Documents of one kind, and what their answers are expected to be. */
export interface ExpectedKind extends KindEstimate {
  readonly expected: ExpectedAnswer;
}

/** What a model costs, or why it is not known. */
export type Pricing = Pick<ModelPlan, 'price' | 'priceUnknown'>;

/** What asking all kinds of documents comes to: tokens, money and time. */
export function sumUpPlan(
  kinds: readonly ExpectedKind[],
  options: Options,
  { api, pricingOf }: { readonly api: string; readonly pricingOf: (model: string) => Pricing },
): Omit<Plan, 'documents' | 'refusals' | 'recipes' | 'budget' | 'pilot'> {
  const planned = planModels(kinds, pricingOf);
  const [most = planModel(options.model, [], pricingOf(options.model))] = planned;
  const models = planned.length === 0 ? [most] : planned;
  const requests = totalOf(kinds, 'requests');
  const tokens = tokensOf(kinds, models);
  const { concurrency, concurrencyMax, rpm, tpm } = options;
  const pace = { concurrency, concurrencyMax, rpm, tpm, callSeconds: secondsOfCall(kinds, options) };
  const { model, price, priceUnknown } = most;
  return {
    bytes: total(kinds, ({ bytes }) => bytes),
    requests,
    model,
    api,
    models,
    tokens,
    price,
    priceUnknown,
    costUsd: costOfModels(models),
    pace,
    seconds: timeOf({
      requests,
      longest: Math.max(0, ...kinds.map(({ longest }) => longest)),
      tokens: addRanges(tokens.prompt, tokens.completion),
      pace,
    }),
    basis: basisOf(kinds),
  };
}

function tokensOf(kinds: readonly ExpectedKind[], models: readonly ModelPlan[]): Plan['tokens'] {
  return {
    prompt: totalRange(models, ({ tokens }) => tokens.prompt),
    media: { likely: totalOf(kinds, 'mediaTokens'), atMost: totalOf(kinds, 'mediaTokensAtMost') },
    completion: totalRange(models, ({ tokens }) => tokens.completion),
    tokenizer: TOKENIZER,
    tokenizerFits: models.every(({ tokens }) => tokens.tokenizerFits),
    counted: {
      documents: total(kinds, ({ counted }) => counted.documents),
      bytes: total(kinds, ({ counted }) => counted.bytes),
    },
  };
}

/** Unknown if one of them is. */
function costOfModels(models: readonly ModelPlan[]): EstimateRange | null {
  const known = models.flatMap(({ costUsd }) => costUsd ?? []);
  return known.length < models.length ? null : known.reduce(addRanges, NOTHING);
}

/** Of the mean call. */
function secondsOfCall(kinds: readonly ExpectedKind[], { maxTokens, timeoutSeconds }: Options): EstimateRange {
  const requests = totalOf(kinds, 'requests');
  if (requests === 0) return expectAnswer([], { maxTokens, timeoutSeconds }).seconds;
  const seconds = totalRange(kinds, ({ expected, totals }) =>
    mapRange(expected.seconds, (each) => each * totals.requests),
  );
  return mapRange(seconds, (all) => all / requests);
}

/** By recipes: several kinds of documents may have one. */
function basisOf(kinds: readonly ExpectedKind[]): EstimateBasis {
  const bases = [...new Map(kinds.map(({ recipe, expected }) => [recipe.name, expected.basis])).values()];
  return {
    from: bases.length > 0 && bases.every(({ from }) => from === 'ledger') ? 'ledger' : 'guess',
    answers: total(bases, ({ answers }) => answers),
  };
}

function totalOf(kinds: readonly ExpectedKind[], of: Total): number {
  return total(kinds, ({ totals }) => totals[of]);
}

interface TimedWork {
  readonly requests: number;
  /** Requests of one document, at most: they are made one after another. */
  readonly longest: number;
  /** Of prompts and answers together. */
  readonly tokens: EstimateRange;
  readonly pace: Plan['pace'];
}

const SECONDS_PER_MINUTE = 60;

/** How long a run takes in which nothing goes wrong; with `auto` only the least is known. */
export function timeOf(work: TimedWork): Plan['seconds'] {
  const { concurrency, concurrencyMax } = work.pace;
  if (concurrency !== 'auto') {
    const secondsAt = (end: keyof EstimateRange): number => secondsWith(work, concurrency, end);
    return { low: secondsAt('low'), likely: secondsAt('likely'), high: secondsAt('high') };
  }
  return { low: secondsWith(work, concurrencyMax, 'low'), likely: null, high: null };
}

/** By the slowest of its limits: calls at once, calls a minute, tokens a minute. */
function secondsWith(
  { requests, longest, tokens, pace }: TimedWork,
  concurrency: number,
  end: keyof EstimateRange,
): number {
  const { callSeconds, rpm, tpm } = pace;
  return Math.max(
    Math.max(requests / concurrency, longest) * callSeconds[end],
    rpm === null ? 0 : (requests / rpm) * SECONDS_PER_MINUTE,
    tpm === null ? 0 : (tokens[end] / tpm) * SECONDS_PER_MINUTE,
  );
}

/** What each model is asked, and what that costs; the one of most documents first. */
function planModels(kinds: readonly ExpectedKind[], pricingOf: (model: string) => Pricing): readonly ModelPlan[] {
  return [...groupBy(kinds, ({ recipe }) => recipe.model)]
    .map(([model, some]) => planModel(model, some, pricingOf(model)))
    .toSorted((one, other) => other.documents - one.documents);
}

/** Also of a model that is asked nothing. */
function planModel(model: string, kinds: readonly ExpectedKind[], pricing: Pricing): ModelPlan {
  const requests = totalOf(kinds, 'requests');
  const tokenizerFits = isTokenizerOf(model);
  const prompt = totalRange(kinds, (kind) => promptTokens(kind, tokenizerFits));
  const completion = totalRange(kinds, ({ totals, expected }) =>
    mapRange(expected.completionTokens, (count) => count * totals.requests),
  );
  const tokens = { prompt: mapRange(prompt, Math.round), completion: mapRange(completion, Math.round), tokenizerFits };
  return {
    model,
    documents: total(kinds, ({ documents }) => documents),
    requests,
    tokens,
    ...pricing,
    costUsd: pricing.price === null ? null : costOf(tokens, requests, pricing.price),
  };
}

/** With the answers to parts that a last request puts together. */
function promptTokens({ totals, expected }: ExpectedKind, tokenizerFits: boolean): EstimateRange {
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

function costOf({ prompt, completion }: ModelPlan['tokens'], requests: number, price: Price): EstimateRange {
  const calls = mapRange(NOTHING, () => requests * price.request);
  return [
    mapRange(prompt, (tokens) => tokens * price.prompt),
    mapRange(completion, (tokens) => tokens * price.completion),
  ].reduce(addRanges, calls);
}

/** What one call is expected to bring, and how long it takes. */
interface ExpectedAnswer {
  readonly completionTokens: EstimateRange;
  readonly seconds: EstimateRange;
  readonly basis: EstimateBasis;
}

/** Fewer answers say nothing. */
const ENOUGH = 5;

/** Tokens of an answer if nothing is known; the longest is what is asked for. */
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
function rangeOf(values: readonly number[]): EstimateRange {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const likely = total(values, (value) => value) / values.length;
  return { low: Math.min(at(0.1), likely), likely, high: Math.max(at(0.9), likely) };
}
