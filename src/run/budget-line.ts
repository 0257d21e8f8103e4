import { UsageError } from '../domain/errors.ts';
import type { Price } from '../domain/ports.ts';
import { worstCostUsd } from '../domain/worst-cost.ts';
import { counted, numberInWords, usd } from '../report/words.ts';

export interface BudgetFacts {
  readonly limitUsd: number;
  /** The limit is that of each UTC day, not of the run. */
  readonly perDay: boolean;
  readonly spentUsd: number;
  /** The longest answer of one call. */
  readonly maxTokens: number;
  readonly price: Price;
}

/** Less than any price: what binary fractions are off by must not cost a call. */
const NOISE = 1e-9;

/**
 * How many calls at once a budget allows, in words.
 *
 * @throws UsageError where it allows not even one
 */
export function budgetLine({ limitUsd, perDay, spentUsd, maxTokens, price }: BudgetFacts): string {
  const worstUsd = worstCostUsd(price, { promptTokensAtMost: 0, maxTokens, feesUsdAtMost: 0, surcharge: 1 }) ?? 0;
  const budget = `A budget of ${usd(limitUsd)}${perDay ? ' a day (UTC)' : ''}`;
  const spent = spentUsd === 0 ? '' : ` ${usd(spentUsd)} of today's are spent.`;
  if (worstUsd === 0) return `${budget} bounds no answers: they are free.${spent}`;

  const answer = `${numberInWords(maxTokens)} tokens at ${usd(price.completion * 1e6)} a million`;
  const calls = Math.floor(limitUsd / worstUsd + NOISE);
  const callsNow = Math.floor(Math.max(0, limitUsd - spentUsd) / worstUsd + NOISE);
  if (calls >= 1 && callsNow === 0)
    return `${budget}:${spent} The rest allows no call before the day ends: one may cost ${usd(worstUsd)} (${answer}) and its prompt.`;
  if (calls >= 1)
    return `${budget} allows ${counted(callsNow, 'call')} at once, or fewer: each may cost ${usd(worstUsd)} (${answer}) and its prompt.${spent}`;

  const affordable = Math.floor((limitUsd - price.request) / price.completion);
  const fewer = affordable >= 1 ? `Lower --max-tokens to less than ${numberInWords(affordable)}, or raise` : 'Raise';
  throw new UsageError(
    `${budget} allows not even one call: it may cost ${usd(worstUsd)} (${answer}) and its prompt. ${fewer} --max-cost.`,
  );
}
