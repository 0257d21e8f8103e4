import { expect, test } from '@jest/globals';
import { RateLimits } from '../../src/simulator/rate-limits.ts';

test('limits nothing if the plan sets no rate', () => {
  const rates = new RateLimits();
  expect([rates.take(0, 1_000_000), rates.take(0, 1_000_000)]).toEqual([null, null]);
});

test.each([
  ['rpm', { rpm: 2 }, 'requests per minute', 60_000],
  ['tpm', { tpm: 20 }, 'tokens per minute', 60_000],
  ['window', { window: { calls: 2, seconds: 5 } }, 'requests per 5 seconds', 5_000],
] as const)('%s names the rate that a call would exceed', (_, plan, name, waitMs) => {
  const rates = new RateLimits();
  rates.setPlan(plan);
  expect([rates.take(0, 10), rates.take(0, 10)]).toEqual([null, null]);
  expect(rates.take(0, 10)).toMatchObject({ rate: { name }, waitMs });
  expect(rates.take(waitMs, 10)).toBeNull();
});

test('a call that one rate refuses does not count for another', () => {
  const rates = new RateLimits();
  rates.setPlan({ rpm: 2, tpm: 10 });
  expect(rates.take(0, 10)).toBeNull();
  expect(rates.take(1, 10)?.rate.name).toBe('tokens per minute');
  expect(rates.take(60_000, 10)).toBeNull();
  expect(rates.take(60_001, 10)?.rate.name).toBe('tokens per minute');
});

test('earlier calls still count under a new plan', () => {
  const rates = new RateLimits();
  rates.setPlan({ rpm: 3, window: { calls: 9, seconds: 5 } });
  for (const nowMs of [0, 1, 2]) rates.take(nowMs, 1);
  rates.setPlan({ rpm: 4, window: { calls: 2, seconds: 5 } });
  expect(rates.take(3, 1)).toMatchObject({ rate: { name: 'requests per 5 seconds' }, waitMs: 4_998 });
  expect(rates.take(5_001, 1)).toBeNull();
  expect(rates.take(5_001, 1)).toMatchObject({ rate: { name: 'requests per minute' }, waitMs: 54_999 });
});

test('a window of another length starts empty', () => {
  const rates = new RateLimits();
  rates.setPlan({ window: { calls: 1, seconds: 5 } });
  rates.take(0, 1);
  rates.setPlan({ window: { calls: 1, seconds: 6 } });
  expect(rates.take(1, 1)).toBeNull();
});
