import type { Spending } from '../domain/ledger-reader.ts';
import type { ModelSpent, Spent, Status } from '../report/status.ts';
import { groupBy } from './group-by.ts';

type Money = Pick<Status, 'spent' | 'models'>;

/** Spending by day, summed up; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): Money {
  const today = now.toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  return {
    spent: {
      today: sum(spending.filter(({ day }) => day === today)),
      month: sum(spending.filter(({ day }) => day.startsWith(month))),
      total: sum(spending),
    },
    models: byModel(spending),
  };
}

function byModel(spending: readonly Spending[]): readonly ModelSpent[] {
  const groups = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return [...groups.values()]
    .map(modelSpent)
    .toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts);
}

function modelSpent(group: readonly [Spending, ...Spending[]]): ModelSpent {
  const [{ model, api }] = group;
  return { model, api, ...sum(group), inDoubt: group.reduce((calls, { inDoubt }) => calls + inDoubt, 0) };
}

function sum(spending: readonly Spending[]): Spent {
  const total = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
  for (const { costUsd, costUnknownAttempts, attempts } of spending) {
    total.costUsd += costUsd;
    total.costUnknownAttempts += costUnknownAttempts;
    total.attempts += attempts;
  }
  return total;
}
