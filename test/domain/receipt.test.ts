import { expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { receiptOf } from '../../src/domain/receipt.ts';
import { attemptOf, doubtfulAttempt, failedAttempt, RECIPE } from '../support/filled-ledger.ts';

const by = (costFrom: AttemptRecord['costFrom']): AttemptRecord => attemptOf(1, { costFrom });

test.each<readonly [string, readonly AttemptRecord[], string | null]>([
  ['by the API', [failedAttempt(1), by('told')], 'told'],
  ['by what is not told, if some of it is', [by('told'), by('list 2026-09-23'), by('told')], 'list 2026-09-23'],
  ['by what is known, if some of it is not', [doubtfulAttempt(1), by('flags')], 'flags'],
  ['by nobody', [attemptOf(1, { costUsd: null, costFrom: null })], 'unknown'],
  ['by an older version, which did not say', [by(null)], null],
  ['for an answer that was reused', [], null],
])('a receipt says who tells its cost: %s', (_, attempts, costFrom) => {
  const read = { leftOut: {}, readers: [] };
  const answer = { text: '', extras: {}, notes: [], ...read, document: 'a', attempt: attemptOf(1) };
  const facts = { document: { id: 'a', size: 1 }, sha256: '', result: 'a.md', fingerprint: '', recipe: RECIPE };
  expect(receiptOf({ ...facts, answer, attempts }).costFrom).toBe(costFrom);
});
