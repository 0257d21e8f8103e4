import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { givenUp, neverArrived } from '../../src/pipeline/retry-policy.ts';
import { fail, outcomeOf, pauseAccount, retryVerdict } from './in-memory.ts';

const retried = outcomeOf(1, retryVerdict(), '').record;
const hinted = outcomeOf(1, retryVerdict(1), '').record;
const refused = outcomeOf(1, fail, '').record;
const paused = outcomeOf(1, pauseAccount, '').record;
const doubtful: AttemptRecord = { ...retried, billing: 'in doubt', code: 'deadline' };
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
    ['the process died twice', [died, died], null],
    ['the process died three times', [died, retried, died, died], 'failed: process-died'],
  ])('where %s', (_, attempts, is) => {
    expect(code(attempts)).toBe(is);
  });

  test('holds what is in doubt where a person is to decide, but not what was in doubt before and is not now', () => {
    expect(code([doubtful], 'hold')).toBe('held: in-doubt');
    expect(code([doubtful, retried], 'hold')).toBeNull();
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

test('an attempt never arrived where no reply came and it cannot have been billed', () => {
  expect(neverArrived({ ...retried, status: null, billing: 'none' })).toBe(true);
  expect(neverArrived({ ...retried, status: null, billing: 'in doubt' })).toBe(false);
  expect(neverArrived({ ...retried, status: 503, billing: 'none' })).toBe(false);
});
