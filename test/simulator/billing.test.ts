import { expect, test } from '@jest/globals';
import { BillingBook } from '../../src/simulator/billing.ts';

test('counts requests, bills and answers per document, and the totals of all', () => {
  const book = new BillingBook();
  expect([book.request('a'), book.request('b'), book.request('a')]).toEqual([1, 1, 2]);
  book.bill('a', 0.1);
  book.bill('a', 0.2);
  book.answered('a');
  expect(book.documents()).toEqual([
    { document: 'a', requests: 2, answered: 1, billed: 2, costUsd: 0.3 },
    { document: 'b', requests: 1, answered: 0, billed: 0, costUsd: 0 },
  ]);
  expect(book.document('b')).toEqual(book.documents()[1]);
  expect(book.document('c')).toBeNull();
  expect(book.totals()).toEqual({ requests: 3, billed: 2, costUsd: 0.3 });
});

test('gives copies that later calls do not change', () => {
  const book = new BillingBook();
  book.request('a');
  const before = book.documents();
  book.request('a');
  expect(before[0]?.requests).toBe(1);
});

test('forgets everything, also what is answered late', () => {
  const book = new BillingBook();
  book.request('a');
  book.clear();
  book.answered('a');
  book.bill('a', 1);
  expect(book.documents()).toEqual([]);
});
