import { expect, test } from '@jest/globals';
import { sumSpending } from '../../../src/cli/inspect/read-status.ts';

const one = {
  api: 'https://api.test/v1',
  model: 'acme/small',
  attempts: 2,
  inDoubt: 1,
  costUsd: 0.5,
  costUnknownAttempts: 1,
};

test('adds up by UTC day, month and model, the most expensive model first', () => {
  const spending = [
    { ...one, day: '2026-04-01' },
    { ...one, day: '2026-04-01', model: 'acme/large', costUsd: 9 },
    { ...one, day: '2026-04-02' },
    { ...one, day: '2026-03-31' },
    { ...one, day: '2026-03-31', api: 'simulator', costUsd: 0.2 },
  ];
  expect(sumSpending(spending, new Date('2026-04-01T23:59:59.999Z'))).toEqual({
    spent: {
      today: { costUsd: 9.5, costUnknownAttempts: 2, attempts: 4 },
      month: { costUsd: 10, costUnknownAttempts: 3, attempts: 6 },
      total: { costUsd: 10.5, costUnknownAttempts: 4, attempts: 8 },
    },
    simulated: { costUsd: 0.2, costUnknownAttempts: 1, attempts: 2 },
    models: [
      { model: 'acme/large', api: one.api, costUsd: 9, costUnknownAttempts: 1, attempts: 2, inDoubt: 1 },
      { model: 'acme/small', api: one.api, costUsd: 1.5, costUnknownAttempts: 3, attempts: 6, inDoubt: 3 },
      { model: 'acme/small', api: 'simulator', costUsd: 0.2, costUnknownAttempts: 1, attempts: 2, inDoubt: 1 },
    ],
  });
});

test('is 0 if nothing was spent', () => {
  const nothing = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
  const spent = { today: nothing, month: nothing, total: nothing };
  expect(sumSpending([], new Date())).toEqual({ spent, simulated: nothing, models: [] });
});
