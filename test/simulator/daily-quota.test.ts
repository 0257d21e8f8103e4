import { expect, test } from '@jest/globals';
import { DailyQuota, endOfDay } from '../../src/simulator/rate-limits.ts';

const NOON = Date.UTC(2026, 1, 28, 12);
const MIDNIGHT = Date.UTC(2026, 2, 1);

test('lets through the first calls of a UTC day, and starts again at midnight', () => {
  const quota = new DailyQuota();
  expect([1, 2, 3].map(() => quota.take(NOON, 2))).toEqual([true, true, false]);
  expect(quota.used(NOON)).toBe(2);
  expect(quota.take(MIDNIGHT - 1, 2)).toBe(false);
  expect(quota.take(MIDNIGHT, 2)).toBe(true);
  expect(quota.used(MIDNIGHT)).toBe(1);
});

test('the day ends at the next midnight, also at midnight itself', () => {
  expect(endOfDay(NOON)).toBe(MIDNIGHT);
  expect(endOfDay(MIDNIGHT)).toBe(Date.UTC(2026, 2, 2));
});
