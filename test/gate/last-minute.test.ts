import { expect, test } from '@jest/globals';
import { LastMinute } from '../../src/gate/circuit-breaker.ts';

test('counts first and repeated attempts, and how many of them failed', () => {
  const minute = new LastMinute();
  minute.add(100, { failed: true, repeated: false });
  minute.add(900, { failed: false, repeated: false });
  minute.add(5000, { failed: true, repeated: true });
  expect(minute.counts(6000)).toEqual({ first: 2, repeated: 1, failed: 2 });
});

test('forgets what is older than a minute', () => {
  const minute = new LastMinute();
  minute.add(0, { failed: false, repeated: false });
  minute.add(30_000, { failed: false, repeated: true });
  expect(minute.counts(59_999)).toEqual({ first: 1, repeated: 1, failed: 0 });
  expect(minute.counts(60_000)).toEqual({ first: 0, repeated: 1, failed: 0 });
  minute.add(600_000, { failed: true, repeated: false });
  expect(minute.counts(600_000)).toEqual({ first: 1, repeated: 0, failed: 1 });
});
