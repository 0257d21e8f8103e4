import { describe, expect, test } from '@jest/globals';
import { backoffSeconds } from '../../src/pipeline/retry-policy.ts';

const settings = { retries: 5, retryDelaySeconds: 2 };

describe('backoffSeconds', () => {
  test('doubles: 2, 4, 8, 16, 32 at the most of each draw', () => {
    expect([1, 2, 3, 4, 5].map((attempts) => Math.round(backoffSeconds(settings, attempts, null, 0.9999999)))).toEqual([
      2, 4, 8, 16, 32,
    ]);
  });

  test('draws between half and the whole', () => {
    expect(backoffSeconds(settings, 3, null, 0)).toBe(4);
    expect(backoffSeconds(settings, 3, null, 0.5)).toBe(6);
  });

  test('takes the first wait where no attempt counted yet', () => {
    expect(backoffSeconds(settings, 0, null, 0)).toBe(1);
  });

  test.each([
    { hint: 0, wait: 1 },
    { hint: 0.5, wait: 1 },
    { hint: 60, wait: 60 },
    { hint: 3600, wait: 3600 },
    { hint: 1e9, wait: 86_400 },
    { hint: Number.POSITIVE_INFINITY, wait: 86_400 },
  ])('waits $wait s where the server hints $hint s', ({ hint, wait }) => {
    expect(backoffSeconds(settings, 1, hint, 0)).toBe(wait);
  });
});
