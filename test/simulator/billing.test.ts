import { expect, test } from '@jest/globals';
import { DocumentBilling } from '../../src/simulator/billing.ts';

test('counts requests, bills and answers per document, and the totals of all', () => {
  const billing = new DocumentBilling();
  expect([billing.request('a'), billing.request('b'), billing.request('a')]).toEqual([1, 1, 2]);
  billing.bill('a', { calls: 1, usd: 0.1 });
  billing.bill('a', { calls: 1, usd: 0.2 });
  billing.answered('a');
  expect(billing.documents()).toEqual([
    { document: 'a', requests: 2, answered: 1, billed: 2, costUsd: 0.3 },
    { document: 'b', requests: 1, answered: 0, billed: 0, costUsd: 0 },
  ]);
  expect(billing.totals()).toEqual({ requests: 3, billed: 2, costUsd: 0.3 });
});

test('counts what was spent even if no model did its work', () => {
  const billing = new DocumentBilling();
  billing.request('a');
  billing.bill('a', { calls: 0, usd: 0.004 });
  expect(billing.documents()).toMatchObject([{ document: 'a', billed: 0, costUsd: 0.004 }]);
});

test('gives copies that later calls do not change', () => {
  const billing = new DocumentBilling();
  billing.request('a');
  const before = billing.documents();
  billing.request('a');
  expect(before[0]?.requests).toBe(1);
});

test('forgets everything, and ignores what comes later', () => {
  const billing = new DocumentBilling();
  billing.request('a');
  billing.clear();
  billing.answered('a');
  billing.bill('a', { calls: 1, usd: 1 });
  expect(billing.documents()).toEqual([]);
});
