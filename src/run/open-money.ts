import type { Prices } from '../domain/ports.ts';
import { Budget } from '../gate/budget.ts';
import type { FileLedger } from '../ledger/open-ledger.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import type { Options } from '../options/options.ts';
import type { Clock } from '../stream/clock.ts';
import { budgetLine } from './budget-line.ts';
import { findPrices } from './find-prices.ts';

type MoneyOptions = Pick<
  Options,
  'once' | 'api' | 'model' | 'maxTokens' | 'maxCostUsd' | 'pricePrompt' | 'priceCompletion'
>;

interface MoneySources {
  readonly askForCatalogue: () => Promise<Catalogue | null>;
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
  const { askForCatalogue, ledger, api, clock } = sources;
  const prices = await findPrices(options, askForCatalogue);
  const price = prices.of(model);
  if (maxCostUsd === null) return { prices, budget: null, notes: [] };
  if (price === null) throw new Error(`a budget without the price of ${model}`);

  const spentUsd = once ? 0 : ledger.spentSince(startOfDay(clock.wall()), api);
  const limit = { limitUsd: maxCostUsd, spentUsd, perDay: !once };
  return {
    prices,
    notes: [budgetLine({ ...limit, maxTokens, price })],
    budget: new Budget({ ...limit, wall: () => clock.wall() }),
  };
}

/** ISO 8601, UTC. */
function startOfDay(wall: number): string {
  return `${new Date(wall).toISOString().slice(0, 'YYYY-MM-DD'.length)}T00:00:00.000Z`;
}
