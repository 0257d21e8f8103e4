import { worstCostUsd } from '../domain/models.ts';
import type { Options } from '../domain/options.ts';
import type { Price, Prices } from '../domain/ports.ts';
import { longestAnswers } from '../domain/recipe.ts';
import { asAmount, asObject } from '../lib/json.ts';
import { modelsAsked } from '../llm/request/body.ts';
import { surchargeOf } from '../llm/request/size.ts';
import type { Prepared } from './prepare.ts';

/** A call that a recipe makes, with the longest answers that it asks for. */
export interface LongestCall {
  readonly model: string;
  /** What bounds its answer. */
  readonly bound: '--max-tokens' | 'max_tokens of the recipe';
  /** Tokens of the answer that is asked for first. */
  readonly firstTokens: number;
  /** Tokens of the longest: a cut answer may be asked for once more, twice as long. */
  readonly maxTokens: number;
  /** How many times the list price its tokens can cost. */
  readonly surcharge: number;
  /** It may cost fees that are not told before it. */
  readonly fees: boolean;
}

/** The calls of all recipes that are known at the start, to each model that may answer; without any, those of the run. */
export function longestCalls(
  asks: ReturnType<Prepared['recipes']['overview']>['asks'],
  options: Pick<Options, 'model' | 'maxTokens'>,
): readonly LongestCall[] {
  const calls = asks.flatMap(({ model: first, maxTokens, fields, onLength, pdf }): LongestCall[] => {
    // Some models count what they think beside the answer.
    const thought = asAmount(asObject(fields['reasoning'])['max_tokens']) ?? 0;
    const answers = longestAnswers({ onLength }, maxTokens ?? options.maxTokens).map((tokens) =>
      Math.max(tokens, thought),
    );
    const fees = pdf === 'mistral-ocr' || PAID_FIELDS.some((field) => field in fields);
    return modelsAsked({ model: first, fields }).map((model) => ({
      model,
      bound: maxTokens === null ? '--max-tokens' : 'max_tokens of the recipe',
      firstTokens: answers[0] ?? 0,
      maxTokens: Math.max(...answers),
      surcharge: surchargeOf(fields),
      fees,
    }));
  });
  const { model, maxTokens } = options;
  const plain = { model, bound: '--max-tokens', firstTokens: maxTokens, maxTokens, surcharge: 1, fees: false } as const;
  return calls.length === 0 ? [plain] : calls;
}

/** What plugins and searches cost is not told before the call. */
const PAID_FIELDS = ['plugins', 'web_search_options', 'tools'];

export interface PricedCall extends LongestCall {
  readonly price: Price;
  readonly firstUsd: number;
  /** What the longest answer can cost. */
  readonly mostUsd: number;
}

/** Null for a call whose cost is not known. */
export function pricedCall(call: LongestCall, prices: Prices): PricedCall | null {
  const price = prices.of(call.model);
  if (price === null) return null;
  const [firstUsd = null, mostUsd = null] = [call.firstTokens, call.maxTokens].map((maxTokens) =>
    worstCostUsd(price, { promptTokensAtMost: 0, maxTokens, feesUsdAtMost: 0, surcharge: call.surcharge }),
  );
  return firstUsd === null || mostUsd === null ? null : { ...call, price, firstUsd, mostUsd };
}

/** The one that can cost the most. */
export function mostExpensive([first, ...others]: readonly PricedCall[]): PricedCall | null {
  return first === undefined ? null : others.reduce((one, other) => (other.mostUsd > one.mostUsd ? other : one), first);
}
