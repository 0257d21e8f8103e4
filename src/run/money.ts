import { UsageError } from '../domain/errors.ts';
import { worstCostUsd } from '../domain/models.ts';
import type { Options } from '../domain/options.ts';
import type { Price } from '../domain/ports.ts';
import { Budget } from '../gate/budget.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import { numeral } from '../lib/text.ts';
import { type Catalogue, TELLS_NOTHING } from '../llm/catalogue.ts';
import { createLlm, type LlmSettings } from '../llm/llm.ts';
import { Learned } from '../llm/request/learned.ts';
import { counted, usd } from '../report/words.ts';
import { findPrices, type PriceOptions, type PriceSources, priceLine } from './prices.ts';

interface MoneySources extends Omit<PriceSources, 'wall'> {
  readonly ledger: Pick<FileLedger, 'spentSince'>;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * What a run knows of prices, and what it may spend: with `--once` in all, else on each UTC day, of which earlier runs
 * count. `budget` null: anything. `budgetFor`: what is spent with a recipe. `notes`: which prices are a list's, and how
 * far the budget goes.
 *
 * @throws UsageError if there is a budget, and the price is not known or not even one call fits
 */
export async function openMoney(options: PriceOptions & Pick<Options, 'once' | 'maxTokens'>, sources: MoneySources) {
  const { maxCostUsd, maxTokens, model, once } = options;
  const { ledger, clock } = sources;
  const api = sources.api.identity;
  const prices = await findPrices(options, { ...sources, wall: () => clock.wall() });
  const price = prices.of(model);
  const listed = priceLine(prices, model, clock.wall());
  const notes = listed === null ? [] : [listed];
  const openedAt = new Date(clock.wall()).toISOString();
  const spentToday = (recipe?: string): number => {
    const today = new Date(clock.wall()).toISOString().slice(0, 'YYYY-MM-DD'.length);
    return ledger.spentSince(`${today}T00:00:00.000Z`, api, recipe);
  };
  const budgetOf = (limitUsd: number, spentBefore: () => number): Budget =>
    new Budget({ limitUsd, spentUsd: once ? 0 : spentBefore, perDay: !once, wall: () => clock.wall() });
  // A function, as all attempts are read for it: that is done only for recipes with a limit. This run counts by itself.
  const budgetFor = (recipe: string): Budget =>
    budgetOf(Number.POSITIVE_INFINITY, () =>
      Math.max(0, spentToday(recipe) - ledger.spentSince(openedAt, api, recipe)),
    );
  if (maxCostUsd === null) return { prices, budget: null, budgetFor, notes };
  if (price === null) throw new Error(`a budget without the price of ${model}`);

  const budget = budgetOf(maxCostUsd, () => spentToday());
  const { limitUsd, spentUsd } = budget;
  notes.push(budgetLine({ limitUsd, spentUsd, perDay: !once, maxTokens, price }));
  return { prices, budget, budgetFor, notes };
}

export interface BudgetFacts {
  readonly limitUsd: number;
  /** The limit is that of each UTC day, not of the run. */
  readonly perDay: boolean;
  readonly spentUsd: number;
  /** The longest answer of one call. */
  readonly maxTokens: number;
  readonly price: Price;
}

/** Less than any price: the error of binary fractions must not cost a call. */
const NOISE = 1e-9;

/**
 * How many calls at once a budget allows, in words.
 *
 * @throws UsageError if it allows not even one
 */
export function budgetLine({ limitUsd, perDay, spentUsd, maxTokens, price }: BudgetFacts): string {
  const worstUsd = worstCostUsd(price, { promptTokensAtMost: 0, maxTokens, feesUsdAtMost: 0, surcharge: 1 }) ?? 0;
  const budget = `A budget of ${usd(limitUsd)}${perDay ? ' a day (UTC)' : ''}`;
  const spent = spentUsd === 0 ? '' : ` ${usd(spentUsd)} of today's are spent.`;
  if (worstUsd === 0) return `${budget} bounds no answers: they are free.${spent}`;

  const answer = `${numeral(maxTokens)} tokens at ${usd(price.completion * 1e6)} a million`;
  const calls = Math.floor(limitUsd / worstUsd + NOISE);
  const callsNow = Math.floor(Math.max(0, limitUsd - spentUsd) / worstUsd + NOISE);
  if (calls >= 1 && callsNow === 0)
    return `${budget}:${spent} The rest allows no call before the day ends: one may cost ${usd(worstUsd)} (${answer}) and its prompt.`;
  if (calls >= 1)
    return `${budget} allows ${counted(callsNow, 'call')} at once, or fewer: each may cost ${usd(worstUsd)} (${answer}) and its prompt.${spent}`;

  const affordable = Math.floor((limitUsd - price.request) / price.completion);
  const fewer = affordable >= 1 ? `Lower --max-tokens to less than ${numeral(affordable)}, or raise` : 'Raise';
  throw new UsageError(
    `${budget} allows not even one call: it may cost ${usd(worstUsd)} (${answer}) and its prompt. ${fewer} --max-cost.`,
  );
}

/** What APIs said about their models, over all sessions of a process: known prices are kept. */
export class Catalogues {
  /** What they said in refusals. */
  readonly learned = new Learned();
  readonly #last = new Map<string, Catalogue>();

  /** The last one; null before the first. */
  last({ identity }: LlmSettings['api']): Catalogue | null {
    return this.#last.get(identity) ?? null;
  }

  /** Asks the API; if it says nothing, the last one. Null before the first. */
  async of(settings: LlmSettings): Promise<Catalogue | null> {
    const catalogue = await requestCatalogue(settings);
    const last = this.last(settings.api);
    if (catalogue === null || (catalogue === TELLS_NOTHING && last !== null)) return last;
    this.#last.set(settings.api.identity, catalogue);
    return catalogue;
  }
}

/** What the API says of its models; null if it cannot be had. Asks with a client of its own, before that of the run. */
export async function requestCatalogue(settings: LlmSettings): Promise<Catalogue | null> {
  const llm = createLlm(settings);
  try {
    return await llm.catalogue();
  } finally {
    llm.close();
  }
}
