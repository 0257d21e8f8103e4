import { UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import { Budget } from '../gate/budget.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import { numeral } from '../lib/text.ts';
import { type Catalogue, TELLS_NOTHING } from '../llm/catalogue.ts';
import { createLlm, type LlmSettings } from '../llm/llm.ts';
import { Learned } from '../llm/request/learned.ts';
import { counted, usd } from '../report/words.ts';
import { mostExpensive, type PricedCall } from './call-costs.ts';
import { findPrices, type PriceOptions, type PriceSources, priceLine } from './prices.ts';

interface MoneySources extends Omit<PriceSources, 'wall'> {
  readonly ledger: Pick<FileLedger, 'spentSince'>;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * What a run knows of prices, and what it may spend: with `--once` in all, else on each UTC day, of which earlier runs
 * count. `budget` null: anything. `budgetFor`: what is spent with a recipe. `notes`: which prices are a list's.
 *
 * @throws UsageError if there is a budget, and the price is not known
 */
export async function openMoney(options: PriceOptions & Pick<Options, 'once'>, sources: MoneySources) {
  const { maxCostUsd, model, once } = options;
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

  return { prices, budget: budgetOf(maxCostUsd, () => spentToday()), budgetFor, notes };
}

export interface BudgetFacts {
  readonly limitUsd: number;
  /** The limit is that of each UTC day, not of the run. */
  readonly perDay: boolean;
  readonly spentUsd: number;
  /** What its recipes ask, as far as the prices are known. */
  readonly calls: readonly PricedCall[];
  /** Calls in flight that other limits allow. */
  readonly callsAtMost: number;
  /** Nothing is paid: the budget is kept so that it can be tried. */
  readonly simulated: boolean;
}

/** Less than any price: the error of binary fractions must not cost a call. */
const NOISE = 1e-9;

/**
 * How many calls at once a budget allows, in words; null if it does not make them fewer.
 *
 * @throws UsageError if it allows not even one
 */
export function budgetLine(facts: BudgetFacts): string | null {
  const { limitUsd, perDay, spentUsd, calls, callsAtMost, simulated } = facts;
  const most = mostExpensive(calls);
  if (most === null) return null;
  const budget = `A budget of ${usd(limitUsd)}${perDay ? ' a day (UTC)' : ''}`;
  const spent = spentUsd === 0 ? '' : ` ${usd(spentUsd)} of today's ${simulated ? 'would be' : 'are'} spent.`;
  if (most.mostUsd === 0) return `${budget} bounds no answers: they are free.${spent}`;

  const may = simulated ? 'would' : 'may';
  const least = calls.reduce((one, other) => (other.firstUsd < one.firstUsd ? other : one), most);
  if (least.firstUsd > limitUsd + NOISE) {
    const { price, surcharge, bound, firstTokens, firstUsd } = least;
    const affordable = Math.floor((limitUsd - price.request) / (price.completion * surcharge));
    const fewer = affordable >= 1 ? `Lower ${bound} to less than ${numeral(affordable)}, or raise` : 'Raise';
    const answer = answerInWords(least, firstTokens);
    throw new UsageError(
      `${budget} allows not even one call: it ${may} cost ${usd(firstUsd)} (${answer}) and its prompt. ${fewer} --max-cost.`,
    );
  }
  const leftUsd = Math.max(0, limitUsd - spentUsd);
  if (least.firstUsd > leftUsd + NOISE)
    return `${budget}:${spent} The rest allows no call before the day ends: one ${may} cost ${usd(least.firstUsd)} (${answerInWords(least, least.firstTokens)}) and its prompt.`;
  const callsNow = Math.max(1, Math.floor(leftUsd / most.mostUsd + NOISE));
  if (callsNow >= callsAtMost) return spent === '' ? null : `${budget}:${spent}`;
  const each = `each ${may} cost ${usd(most.mostUsd)} (${answerInWords(most, most.maxTokens)}) and its prompt`;
  return `${budget} allows ${counted(callsNow, 'call')} at once, or fewer: ${each}.${spent}`;
}

function answerInWords({ price, surcharge }: PricedCall, tokens: number): string {
  return `${numeral(tokens)} tokens at ${usd(price.completion * surcharge * 1e6)} a million`;
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
