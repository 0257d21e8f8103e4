import type { Options } from '../../domain/options.ts';
import { TOKENIZER } from '../../llm/tokens.ts';
import { type ExpectedKind, expectAnswer, type Pricing, planModel, planModels } from './models.ts';
import { addRanges, type Basis, type ModelPlan, mapRange, NOTHING, type Plan, type Range } from './plan.ts';
import type { Total } from './prompts.ts';

type SummedUp = Omit<Plan, 'documents' | 'refusals' | 'recipes' | 'budget' | 'pilot'>;

/** What asking all kinds of documents comes to: tokens, money and time. */
export function sumUpPlan(
  kinds: readonly ExpectedKind[],
  options: Options,
  { api, pricingOf }: { readonly api: string; readonly pricingOf: (model: string) => Pricing },
): SummedUp {
  const planned = planModels(kinds, pricingOf);
  const [most = planModel(options.model, [], pricingOf(options.model))] = planned;
  const models = planned.length === 0 ? [most] : planned;
  const requests = total(kinds, 'requests');
  const tokens = tokensOf(kinds, models);
  const { concurrency, concurrencyMax, rpm, tpm } = options;
  const pace = { concurrency, concurrencyMax, rpm, tpm, callSeconds: secondsOfCall(kinds, options) };
  const { model, price, priceUnknown } = most;
  return {
    bytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
    requests,
    model,
    api,
    models,
    tokens,
    price,
    priceUnknown,
    costUsd: costOf(models),
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
    prompt: models.map(({ tokens }) => tokens.prompt).reduce(addRanges, NOTHING),
    media: { likely: total(kinds, 'mediaTokens'), atMost: total(kinds, 'mediaTokensAtMost') },
    completion: models.map(({ tokens }) => tokens.completion).reduce(addRanges, NOTHING),
    tokenizer: TOKENIZER,
    tokenizerFits: models.every(({ tokens }) => tokens.tokenizerFits),
    counted: {
      documents: kinds.reduce((sum, { counted }) => sum + counted.documents, 0),
      bytes: kinds.reduce((sum, { counted }) => sum + counted.bytes, 0),
    },
  };
}

/** Unknown where one of them is. */
function costOf(models: readonly ModelPlan[]): Range | null {
  const known = models.flatMap(({ costUsd }) => costUsd ?? []);
  return known.length < models.length ? null : known.reduce(addRanges, NOTHING);
}

/** Of the mean call. */
function secondsOfCall(kinds: readonly ExpectedKind[], { maxTokens, timeoutSeconds }: Options): Range {
  const requests = total(kinds, 'requests');
  if (requests === 0) return expectAnswer([], { maxTokens, timeoutSeconds }).seconds;
  const seconds = kinds
    .map(({ expected, totals }) => mapRange(expected.seconds, (each) => each * totals.requests))
    .reduce(addRanges, NOTHING);
  return mapRange(seconds, (all) => all / requests);
}

/** By recipes: several kinds of documents may have one. */
function basisOf(kinds: readonly ExpectedKind[]): Basis {
  const bases = [...new Map(kinds.map(({ recipe, expected }) => [recipe.name, expected.basis])).values()];
  return {
    from: bases.length > 0 && bases.every(({ from }) => from === 'ledger') ? 'ledger' : 'guess',
    answers: bases.reduce((sum, { answers }) => sum + answers, 0),
  };
}

function total(kinds: readonly ExpectedKind[], of: Total): number {
  return kinds.reduce((sum, { totals }) => sum + totals[of], 0);
}

interface TimedWork {
  readonly requests: number;
  /** The most of one document: they are made one after another. */
  readonly longest: number;
  /** Of prompts and answers together. */
  readonly tokens: Range;
  readonly pace: Plan['pace'];
}

const SECONDS_PER_MINUTE = 60;

/** How long a run takes in which nothing goes wrong; with `auto` only the least is known. */
export function timeOf(work: TimedWork): Plan['seconds'] {
  const { concurrency, concurrencyMax } = work.pace;
  if (concurrency !== 'auto') {
    const secondsAt = (end: keyof Range): number => secondsWith(work, concurrency, end);
    return { low: secondsAt('low'), likely: secondsAt('likely'), high: secondsAt('high') };
  }
  return { low: secondsWith(work, concurrencyMax, 'low'), likely: null, high: null };
}

/** The slowest of what bounds it: calls at once, calls a minute, tokens a minute. */
function secondsWith({ requests, longest, tokens, pace }: TimedWork, concurrency: number, end: keyof Range): number {
  const { callSeconds, rpm, tpm } = pace;
  return Math.max(
    Math.max(requests / concurrency, longest) * callSeconds[end],
    rpm === null ? 0 : (requests / rpm) * SECONDS_PER_MINUTE,
    tpm === null ? 0 : (tokens[end] / tpm) * SECONDS_PER_MINUTE,
  );
}
