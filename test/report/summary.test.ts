import { expect, test } from '@jest/globals';
import { summarize } from '../../src/report/summary.ts';
import { stoppedFor, tallyOf } from './support.ts';

test('is the object of --json, and its documents add up', () => {
  const tally = tallyOf({
    succeeded: 10,
    failed: 2,
    skipped: 3,
    stale: 2,
    reused: 5,
    held: 6,
    pending: 1,
    overBudget: 2,
    queued: 4,
    running: 1,
    waiting: 1,
    gone: 9,
    attempts: 12,
    retries: 2,
    inDoubt: 1,
    inDoubtBefore: 4,
    promptTokens: 100,
    cachedTokens: 60,
    completionTokens: 20,
    costUsd: 0.1 + 0.2,
    costUnknownAttempts: 1,
    costFrom: { told: 11, unknown: 1 },
    leftOut: { documents: 3, kinds: { chart: 5 } },
    limits: { 'rate-limited': 3 },
    dropped: [{ api: 'https://api', model: 'm', field: 'reasoning' }],
    barredRecipes: { a: 'b' },
    pendingReasons: ['it is young'],
    ignored: { links: 2 },
    ...stoppedFor('signal'),
  });
  expect(summarize(tally, 1.5, 2)).toEqual({
    documents: 35,
    succeeded: 10,
    failed: 2,
    skipped: 3,
    stale: 2,
    reused: 5,
    held: 6,
    pending: 9,
    overBudget: 2,
    awaitingRecipe: 0,
    attempts: 12,
    retries: 2,
    inDoubt: 1,
    inDoubtBefore: 4,
    promptTokens: 100,
    cachedTokens: 60,
    completionTokens: 20,
    costUsd: 0.3,
    costUnknownAttempts: 1,
    costFrom: { told: 11, unknown: 1 },
    leftOut: { documents: 3, kinds: { chart: 5 } },
    limits: { 'rate-limited': 3 },
    dropped: [{ api: 'https://api', model: 'm', field: 'reasoning' }],
    budgetUsd: 2,
    seconds: 1.5,
    stopped: 'signal',
    stopCause: null,
    pendingReasons: ['it is young'],
    barredRecipes: { a: 'b' },
    ignored: { links: 2 },
  });
});

test.each([
  ['account', 'account'],
  ['budget', 'budget'],
  ['reload', null],
  [null, null],
] as const)('a run that was ended for %j was stopped by %j', (reason, stopped) => {
  expect(summarize(tallyOf(stoppedFor(reason)), 1).stopped).toBe(stopped);
});
