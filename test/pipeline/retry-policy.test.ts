import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { backoffSeconds, givenUp, isOutage } from '../../src/pipeline/retry-policy.ts';
import { fail, outcomeOf, pauseAccount, retryVerdict } from './in-memory.ts';

const retried = outcomeOf(1, retryVerdict(), '').record;
const hinted = outcomeOf(1, retryVerdict(1), '').record;
const refused = outcomeOf(1, fail, '').record;
const paused = outcomeOf(1, pauseAccount, '').record;
const doubtful: AttemptRecord = { ...retried, billing: 'in doubt', code: 'deadline' };
const empty: AttemptRecord = { ...retried, billing: 'known', costUsd: null, code: 'empty-answer' };
const outOfReach: AttemptRecord = { ...doubtful, code: 'out-of-reach', status: 502 };
const died: AttemptRecord = { ...doubtful, code: 'process-died' };

const times = (count: number, attempt: AttemptRecord) => Array.from({ length: count }, () => attempt);

function code(attempts: readonly AttemptRecord[], inDoubt: 'resend' | 'hold' = 'resend', retries = 5): string | null {
  const why = givenUp({ retries, inDoubt }, attempts);
  return why === null ? null : `${why.state}: ${why.code}`;
}

describe('givenUp', () => {
  test.each<[string, readonly AttemptRecord[], string | null]>([
    ['nothing was tried', [], null],
    ['as many retries as allowed were made', times(5, retried), null],
    ['one more was made', times(6, retried), 'failed: retries-used-up'],
    ['99 were made that do not count', times(99, hinted), null],
    ['100 were', times(100, hinted), 'failed: retries-used-up'],
    ['pauses came between', [...times(5, retried), ...times(9, paused)], null],
    ['the last was refused for good', [retried, refused], 'failed: fail'],
    ['it was sent again twice in doubt', times(2, doubtful), null],
    ['and a third time', times(3, doubtful), 'failed: in-doubt'],
    ['two whole replies without an answer were paid for', times(2, empty), null],
    ['and a third', times(3, empty), 'failed: empty-answer'],
    ['they were free', times(3, { ...empty, costUsd: 0 }), null],
    ['they were cut, and paid for', times(3, { ...empty, code: 'cut-reply' }), null],
    ['outages came between', [...times(5, retried), ...times(9, outOfReach)], null],
    ['what was in doubt was so in an outage', [...times(2, doubtful), ...times(9, outOfReach)], null],
    ['the process died twice', [died, died], null],
    ['the process died three times', [died, retried, died, died], 'failed: process-died'],
  ])('where %s', (_, attempts, is) => {
    expect(code(attempts)).toBe(is);
  });

  test('holds what is in doubt where a person is to decide, but not what was in doubt before and is not now', () => {
    expect(code([doubtful], 'hold')).toBe('held: in-doubt');
    expect(code([doubtful, retried], 'hold')).toBeNull();
    expect(code([outOfReach], 'hold')).toBe('held: in-doubt');
  });

  test('says how many attempts were made, and what the last came to', () => {
    expect(givenUp({ retries: 0, inDoubt: 'resend' }, [retried])?.reason).toBe(
      'no answer after 1 attempt; the last: it ended in retry',
    );
    expect(givenUp({ retries: 1, inDoubt: 'resend' }, [retried, hinted, retried])?.reason).toMatch(
      /^no answer after 3 /,
    );
  });
});

test('an attempt ended in an outage where no call came through, or it never left', () => {
  expect(isOutage(outOfReach)).toBe(true);
  expect(isOutage({ ...retried, status: null, billing: 'none' })).toBe(true);
  expect(isOutage({ ...retried, status: null, billing: 'in doubt' })).toBe(false);
  expect(isOutage({ ...retried, status: 503, billing: 'none' })).toBe(false);
});

describe('backoffSeconds', () => {
  const settings = { retryDelaySeconds: 2 };
  const unhinted = { hintSeconds: null };

  test('doubles: 2, 4, 8, 16, 32 at the most of each draw', () => {
    const waits = [1, 2, 3, 4, 5].map((attempts) =>
      Math.round(backoffSeconds(settings, times(attempts, retried), unhinted, 0.9999999)),
    );
    expect(waits).toEqual([2, 4, 8, 16, 32]);
  });

  test('draws between half and the whole', () => {
    expect(backoffSeconds(settings, times(3, retried), unhinted, 0)).toBe(4);
    expect(backoffSeconds(settings, times(3, retried), unhinted, 0.5)).toBe(6);
  });

  test.each([
    ['no attempt was made', []],
    ['no attempt counted yet', [paused]],
  ])('takes the first wait where %s', (_, attempts) => {
    expect(backoffSeconds(settings, attempts, unhinted, 0)).toBe(1);
  });

  test('grows with no attempt that was sent again at once', () => {
    const atOnce = { ...hinted, code: 'field-refused' };
    expect(backoffSeconds(settings, [...times(3, atOnce), retried], unhinted, 0)).toBe(1);
  });

  test.each([
    { hint: 0, wait: 1 },
    { hint: 0.5, wait: 1 },
    { hint: 60, wait: 60 },
    { hint: 3600, wait: 3600 },
    { hint: 1e9, wait: 86_400 },
    { hint: Number.POSITIVE_INFINITY, wait: 86_400 },
  ])('waits $wait s where the server hints $hint s', ({ hint, wait }) => {
    expect(backoffSeconds(settings, [retried], { hintSeconds: hint }, 0)).toBe(wait);
  });

  test('starts with half a second, and doubles, where a call was one too many at once', () => {
    const wait = (attempts: number) =>
      backoffSeconds(settings, times(attempts, retried), { hintSeconds: null, limit: 'concurrency' }, 0.9999999);
    expect([1, 2, 3].map((attempts) => wait(attempts).toFixed(3))).toEqual(['0.500', '1.000', '2.000']);
    const short = backoffSeconds({ retryDelaySeconds: 0.1 }, [retried], { hintSeconds: null, limit: 'concurrency' }, 0);
    expect(short).toBe(0.05);
  });
});
