import { describe, expect, test } from '@jest/globals';
import { timeOf } from '../../../src/cli/plan/estimate.ts';

const pace = {
  concurrency: 5,
  concurrencyMax: 256,
  rpm: null,
  tpm: null,
  callSeconds: { low: 1, likely: 10, high: 100 },
} as const;
const work = { requests: 1000, longest: 1, tokens: { low: 1e5, likely: 1e6, high: 1e7 }, pace };

describe('timeOf', () => {
  test.each([
    ['calls at once', {}, { low: 200, likely: 2000, high: 20_000 }],
    ['calls a minute', { rpm: 10 }, { low: 6000, likely: 6000, high: 20_000 }],
    ['tokens a minute', { tpm: 10_000 }, { low: 600, likely: 6000, high: 60_000 }],
    ['the slowest of all', { rpm: 10, tpm: 10_000 }, { low: 6000, likely: 6000, high: 60_000 }],
  ])('is bounded by %s', (_, limits, seconds) => {
    expect(timeOf({ ...work, pace: { ...pace, ...limits } })).toEqual(seconds);
  });

  test('a few requests take as long as one call', () => {
    expect(timeOf({ ...work, requests: 2 })).toEqual({ low: 1, likely: 10, high: 100 });
    expect(timeOf({ ...work, requests: 0, longest: 0 })).toEqual({ low: 0, likely: 0, high: 0 });
  });

  test('a document that is asked in parts takes as long as they do, one after another', () => {
    expect(timeOf({ ...work, requests: 9, longest: 8 })).toEqual({ low: 8, likely: 80, high: 800 });
  });

  test('with --concurrency auto only the least is known', () => {
    const found = { ...pace, concurrency: 'auto', concurrencyMax: 100 } as const;
    expect(timeOf({ ...work, pace: found })).toEqual({ low: 10, likely: null, high: null });
  });
});
