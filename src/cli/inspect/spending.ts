import { withoutNoise } from '../../domain/attempt.ts';
import type { Receipt, Spending } from '../../domain/receipt.ts';
import { groupBy, total } from '../../lib/collections.ts';
import { visible } from '../../report/words.ts';

export type SpentSum = Pick<Spending, 'costUsd' | 'costUnknownAttempts' | 'attempts'>;

export interface Money {
  /** By UTC day and month. */
  readonly spent: Readonly<Record<'today' | 'month' | 'total', SpentSum>>;
  /** What the simulator's answers would have cost: nothing was paid. */
  readonly simulated: SpentSum;
  /** The most expensive first; those of the simulator, which cost nothing, are among them. */
  readonly models: readonly Omit<Spending, 'day'>[];
}

/** Sums of the spending by day; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): Money {
  const today = now.toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  const paid = spending.filter(({ api }) => !isSimulated(api));
  const byModel = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return {
    spent: {
      today: sum(paid.filter(({ day }) => day === today)),
      month: sum(paid.filter(({ day }) => day.startsWith(month))),
      total: sum(paid),
    },
    simulated: sum(spending.filter(({ api }) => isSimulated(api))),
    models: Array.from(byModel.values(), (days) => {
      const [{ model, api }] = days;
      return { model, api, ...sum(days), inDoubt: total(days, ({ inDoubt }) => inDoubt) };
    }).toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts),
  };
}

/** By the API's name in the ledger. */
export function isSimulated(api: string): boolean {
  return api === 'simulator';
}

function sum(spending: readonly Spending[]): SpentSum {
  return {
    costUsd: withoutNoise(total(spending, ({ costUsd }) => costUsd)),
    costUnknownAttempts: total(spending, ({ costUnknownAttempts }) => costUnknownAttempts),
    attempts: total(spending, ({ attempts }) => attempts),
  };
}

/** Who told a cost, where it was not the API itself. */
export function sourceInWords(costFrom: Receipt['costFrom']): string {
  return costFrom === null || costFrom === 'told' || costFrom === 'unknown' ? '' : ` (by ${visible(costFrom)})`;
}
