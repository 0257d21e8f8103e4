import type { Options } from '../domain/options.ts';
import type { Prices } from '../domain/ports.ts';
import { Budget } from '../gate/budget.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { budgetLine } from './budget-line.ts';
import { findPrices } from './find-prices.ts';

type MoneyOptions = Pick<
  Options,
  'once' | 'api' | 'model' | 'maxTokens' | 'maxCostUsd' | 'pricePrompt' | 'priceCompletion'
>;

interface MoneySources {
  readonly askForCatalogue: () => Promise<Catalogue | null>;
  /** What the API told of its models, so far. */
  readonly knownCatalogue: () => Catalogue | null;
  readonly ledger: Pick<FileLedger, 'spentSince'>;
  /** What the ledger remembers attempts by. */
  readonly api: string;
  readonly clock: Pick<Clock, 'wall'>;
}

/** What a run knows of prices, and what it may spend. */
export interface Money {
  /** None is known where neither flags tell them nor a budget asks for them. */
  readonly prices: Prices;
  /** Null: anything may be spent. */
  readonly budget: Budget | null;
  /** What is spent with a recipe; how much that may be is told with each call. */
  readonly openPurse: (recipe: string) => Budget;
  /** How far the budget goes; nothing where there is none. */
  readonly notes: readonly string[];
}

/**
 * The budget of a run with `--once`; else that of each UTC day, of which runs before this one may have spent some.
 *
 * @throws UsageError where the price is not known, or not even one call fits
 */
export async function openMoney(options: MoneyOptions, sources: MoneySources): Promise<Money> {
  const { maxCostUsd, maxTokens, model, once } = options;
  const { askForCatalogue, knownCatalogue, ledger, api, clock } = sources;
  const prices = await findPrices(options, askForCatalogue, knownCatalogue);
  const price = prices.of(model);
  const openedAt = new Date(clock.wall()).toISOString();
  const spentToday = (recipe?: string): number => ledger.spentSince(startOfDay(clock.wall()), api, recipe);
  const budgetOf = (limitUsd: number, spentBefore: () => number): Budget =>
    new Budget({ limitUsd, spentUsd: once ? 0 : spentBefore, perDay: !once, wall: () => clock.wall() });
  // The ledger is read through for it, and few recipes have a limit; what this run spends the purse counts itself.
  const openPurse = (recipe: string): Budget =>
    budgetOf(Number.POSITIVE_INFINITY, () =>
      Math.max(0, spentToday(recipe) - ledger.spentSince(openedAt, api, recipe)),
    );
  if (maxCostUsd === null) return { prices, budget: null, openPurse, notes: [] };
  if (price === null) throw new Error(`a budget without the price of ${model}`);

  const budget = budgetOf(maxCostUsd, () => spentToday());
  const { limitUsd, spentUsd } = budget;
  const notes = [budgetLine({ limitUsd, spentUsd, perDay: !once, maxTokens, price })];
  return { prices, budget, openPurse, notes };
}

/** ISO 8601, UTC. */
function startOfDay(wall: number): string {
  return `${new Date(wall).toISOString().slice(0, 'YYYY-MM-DD'.length)}T00:00:00.000Z`;
}
