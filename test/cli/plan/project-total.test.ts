import { describe, expect, test } from '@jest/globals';
import { projectTotal } from '../../../src/cli/plan/pilot.ts';

describe('projectTotal', () => {
  test('is the mean of the sample for each document', () => {
    expect(projectTotal([5, 5, 5], 7)).toEqual({ low: 35, likely: 35, high: 35 });
    expect(projectTotal([1, 2, 6], 10).likely).toBe(30);
  });

  test('is within two standard errors of the mean, and never less than nothing', () => {
    const { low, likely, high } = projectTotal([2, 4, 6, 8], 10);
    const error = Math.sqrt(20 / 3 / 4);
    expect(likely).toBe(50);
    expect(low).toBeCloseTo(50 - 10 * 2 * error);
    expect(high).toBeCloseTo(50 + 10 * 2 * error);
    expect(projectTotal([1, 1, 10], 2).low).toBe(0);
  });

  test('has no range from fewer than three documents', () => {
    expect(projectTotal([1, 3], 2)).toEqual({ low: null, likely: 4, high: null });
    expect(projectTotal([5], 2)).toEqual({ low: null, likely: 10, high: null });
    expect(projectTotal([], 2)).toEqual({ low: null, likely: 0, high: null });
  });

  test('is nothing for no documents', () => {
    expect(projectTotal([1, 3], 0)).toEqual({ low: 0, likely: 0, high: 0 });
  });

  test('holds the true total in most cases', () => {
    const random = generator(42);
    const trials = Array.from({ length: 400 }, () => {
      const all = Array.from({ length: 200 }, () => 1000 + 4000 * random() * random());
      const total = all.slice(10).reduce((sum, value) => sum + value, 0);
      const { low, high } = projectTotal(all.slice(0, 10), 190);
      return low !== null && high !== null && low <= total && total <= high;
    });
    const share = trials.filter(Boolean).length / trials.length;
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(0.99);
  });
});

/** Numbers from 0 to 1 that are the same each time (Mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
  };
}
