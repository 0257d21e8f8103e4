import { tierOf } from '../../domain/models.ts';
import type { Options } from '../../domain/options.ts';
import { type Handling, longestAnswers } from '../../domain/recipe.ts';
import { groupBy, total } from '../../lib/collections.ts';
import { isTokenizerOf, TOKENIZER } from '../../llm/tokens.ts';
import type { PastAnswer, PlanHistory } from './documents.ts';
import { type EstimateRange, type ModelPlan, type Plan, type Pricing, range } from './plan.ts';
import type { KindEstimate, Total } from './prompts.ts';

/** A model's own tokenizer may make up to this many times the tokens that OpenAI's makes. */
const OTHER_TOKENIZERS = 1.3;

type ExpectedKind = KindEstimate & { readonly expected: ExpectedAnswer };

/** Tokens, money and time for all kinds of documents together. */
export function sumUpPlan(
  estimates: readonly KindEstimate[],
  options: Options,
  { api, pricingOf }: { readonly api: string; readonly pricingOf: (model: string) => Pricing },
  answersOf: PlanHistory['answersOf'],
): Omit<Plan, 'documents' | 'refusals' | 'unmatched' | 'leftOut' | 'recipes' | 'budget' | 'pilot'> {
  const { concurrency, concurrencyMax, rpm, tpm, maxTokens, timeoutSeconds } = options;
  const kinds = estimates.map((kind): ExpectedKind => {
    const { onLength } = kind.recipe.handling;
    const limits = { maxTokens: kind.maxTokens, timeoutSeconds, onLength };
    return { ...kind, expected: expectAnswer(answersOf(kind.recipe), limits) };
  });
  const planned = [...groupBy(kinds, ({ recipe }) => recipe.model)]
    .map(([model, some]) => planModel(model, some, pricingOf(model)))
    .toSorted((one, other) => other.documents - one.documents);
  const [most = planModel(options.model, [], pricingOf(options.model))] = planned;
  const models = planned.length === 0 ? [most] : planned;
  const { model, price, priceUnknown } = most;

  const requests = totalOf(kinds, 'requests');
  const prompt = range((end) => total(models, ({ tokens }) => tokens.prompt[end]));
  const completion = range((end) => total(models, ({ tokens }) => tokens.completion[end]));
  const costs = models.flatMap(({ costUsd }) => costUsd ?? []);
  const callSeconds =
    requests === 0
      ? expectAnswer([], { maxTokens, timeoutSeconds, onLength: 'fail' }).seconds
      : range((end) => total(kinds, ({ expected, totals }) => expected.seconds[end] * totals.requests) / requests);
  const pace = { concurrency, concurrencyMax, rpm, tpm, callSeconds };
  const longest = Math.max(0, ...kinds.map((kind) => kind.longest));
  return {
    bytes: total(kinds, ({ bytes }) => bytes),
    requests,
    model,
    api,
    models,
    tokens: {
      prompt,
      media: { likely: totalOf(kinds, 'mediaTokens'), atMost: totalOf(kinds, 'mediaTokensAtMost') },
      completion,
      tokenizer: TOKENIZER,
      tokenizerFits: models.every(({ tokens }) => tokens.tokenizerFits),
      counted: {
        documents: total(kinds, ({ counted }) => counted.documents),
        bytes: total(kinds, ({ counted }) => counted.bytes),
      },
    },
    price,
    priceUnknown,
    costUsd: costs.length < models.length ? null : range((end) => total(costs, (cost) => cost[end])),
    pace,
    seconds: timeOf({ requests, longest, tokens: range((end) => prompt[end] + completion[end]), pace }),
    basis: basisOf(kinds),
  };
}

/** Each recipe counts once, also if several kinds of documents have it. */
function basisOf(kinds: readonly ExpectedKind[]): Plan['basis'] {
  const bases = [...new Map(kinds.map(({ recipe, expected }) => [recipe.name, expected.basis])).values()];
  return {
    from: bases.length > 0 && bases.every(({ from }) => from === 'ledger') ? 'ledger' : 'guess',
    answers: total(bases, ({ answers }) => answers),
  };
}

function totalOf(kinds: readonly ExpectedKind[], of: Total): number {
  return total(kinds, ({ totals }) => totals[of]);
}

interface TimedWork extends Pick<Plan, 'requests' | 'pace'> {
  /** The most requests of one document: they are made one after another. */
  readonly longest: number;
  /** Prompts and answers together. */
  readonly tokens: EstimateRange;
}

/**
 * How long a run takes if nothing goes wrong, in seconds. The slowest of its limits decides: calls at once, calls a
 * minute, tokens a minute. With `auto` only the least is known.
 */
export function timeOf({ requests, longest, tokens, pace }: TimedWork): Plan['seconds'] {
  const { concurrency, concurrencyMax, callSeconds, rpm, tpm } = pace;
  const atOnce = concurrency === 'auto' ? concurrencyMax : concurrency;
  const seconds = range((end) =>
    Math.max(
      Math.max(requests / atOnce, longest) * callSeconds[end],
      rpm === null ? 0 : (requests / rpm) * 60,
      tpm === null ? 0 : (tokens[end] / tpm) * 60,
    ),
  );
  return concurrency === 'auto' ? { low: seconds.low, likely: null, high: null } : seconds;
}

/** What a model is asked, and what that costs. Without kinds, it is asked nothing. */
function planModel(model: string, kinds: readonly ExpectedKind[], { price, priceUnknown }: Pricing): ModelPlan {
  const requests = totalOf(kinds, 'requests');
  const tokenizerFits = isTokenizerOf(model);
  const prompt = range((end) => Math.round(total(kinds, (kind) => promptTokens(kind, tokenizerFits, end))));
  const completion = range((end) =>
    Math.round(total(kinds, ({ totals, expected }) => expected.completionTokens[end] * totals.requests)),
  );
  return {
    model,
    documents: total(kinds, ({ documents }) => documents),
    requests,
    tokens: { prompt, completion, tokenizerFits },
    price,
    priceUnknown,
    costUsd:
      price &&
      range((end) => {
        const tier = tierOf(price, requests === 0 ? 0 : prompt[end] / requests);
        return requests * price.request + prompt[end] * tier.prompt + completion[end] * tier.completion;
      }),
  };
}

/** If a last request combines the answers to parts, its prompt holds these. */
function promptTokens({ totals, expected }: ExpectedKind, tokenizerFits: boolean, end: keyof EstimateRange): number {
  const text = totals.textTokens * (end === 'high' && !tokenizerFits ? OTHER_TOKENIZERS : 1);
  const media = end === 'high' ? totals.mediaTokensAtMost : totals.mediaTokens;
  const prompts = text + media + expected.completionTokens[end] * totals.answersRead;
  return end === 'high' ? prompts * expected.callsAtMost + totals.requests * expected.tokensReread : prompts;
}

/** What one call is expected to bring, and how long it takes. */
interface ExpectedAnswer extends Pick<Plan, 'basis'> {
  readonly completionTokens: EstimateRange;
  readonly seconds: EstimateRange;
  /** For one answer that is cut each time. */
  readonly callsAtMost: number;
  /** Tokens of a cut answer that the prompts of these calls hold again, at most. */
  readonly tokensReread: number;
}

/** Fewer answers than this are ignored. */
const ENOUGH = 5;

/** Tokens of an answer if nothing is known, within the longest that is asked for. */
const GUESS = { low: 100, likely: 800 };

/** Guesses, too: the wait for the first token, and the rate of all others. */
const FIRST_TOKEN_SECONDS = 1;
const TOKENS_PER_SECOND = 60;

/** From earlier answers (the shortest and the longest tenth cut off), else from a guess. */
export function expectAnswer(
  past: readonly PastAnswer[],
  { maxTokens, timeoutSeconds, onLength }: Pick<Options, 'maxTokens' | 'timeoutSeconds'> & Pick<Handling, 'onLength'>,
): ExpectedAnswer {
  if (past.length >= ENOUGH) {
    return {
      completionTokens: rangeOf(past.map(({ completionTokens }) => completionTokens)),
      seconds: rangeOf(past.map(({ seconds }) => seconds)),
      callsAtMost: 1,
      tokensReread: 0,
      basis: { from: 'ledger', answers: past.length },
    };
  }
  const longest = longestAnswers({ onLength }, maxTokens);
  const answers = (end: keyof EstimateRange): readonly number[] =>
    end === 'high' ? longest : [Math.min(GUESS[end], maxTokens)];
  const secondsOf = (tokens: number): number =>
    Math.min(FIRST_TOKEN_SECONDS + tokens / TOKENS_PER_SECOND, timeoutSeconds);
  return {
    completionTokens: range((end) => total(answers(end), (tokens) => tokens)),
    seconds: range((end) => total(answers(end), secondsOf)),
    callsAtMost: longest.length,
    // Each further request that goes on with an answer sends all that there is of it.
    tokensReread: onLength === 'continue' ? (maxTokens * longest.length * (longest.length - 1)) / 2 : 0,
    basis: { from: 'guess', answers: past.length },
  };
}

/** `likely` is the mean, as totals grow with it. A few very large values may lift it above the ninth tenth. */
function rangeOf(values: readonly number[]): EstimateRange {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const likely = total(values, (value) => value) / values.length;
  return { low: Math.min(at(0.1), likely), likely, high: Math.max(at(0.9), likely) };
}
