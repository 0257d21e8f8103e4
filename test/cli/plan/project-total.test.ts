import { describe, expect, test } from '@jest/globals';
import { projectTotal } from '../../../src/cli/plan/pilot.ts';
import { spreadOverSizes } from '../../../src/cli/plan/prompts.ts';

describe('projectTotal', () => {
  test.each([
    ['grows with the size', (size: number) => 2 * size, 800],
    ['is the same for each', () => 5, 35],
    ['is some of both', (size: number) => 5 + 2 * size, 835],
  ])('what %s exactly is known exactly', (_, line, total) => {
    const { low, likely, high } = projectTotal(on(line, 10, 20, 40), { count: 7, size: 400 });
    for (const value of [low, likely, high]) expect(value).toBeCloseTo(total, 3);
  });

  test('tells a band from the scatter of the sample and of the rest', () => {
    const sample = [1, 2, 3].map((value) => ({ size: 10, value }));
    const { low, likely, high } = projectTotal(sample, { count: 2, size: 20 });
    expect([low, likely]).toEqual([0, 4]);
    // One degree of freedom, a variance of 2; the line is a third as doubtful as one document.
    expect(high).toBeCloseTo(4 + 12.71 * Math.sqrt(2 * (2 + 4 / 3)));
  });

  test('the band grows with the way from the middle of the sample', () => {
    const sample = [1, 2, 3, 4].map((size) => ({ size, value: size + (size % 2) }));
    const width = (size: number): number => {
      const { low, high } = projectTotal(sample, { count: 1, size });
      return (high ?? 0) - (low ?? 0);
    };
    expect(width(1000)).toBeGreaterThan(width(100));
  });

  test.each([
    [11, 2.201],
    [21, 2.08],
    [31, 2.04],
    [1000, 1.962],
  ])('with %d degrees of freedom the band is that of t = %d', (freedom, t) => {
    const sample = Array.from({ length: freedom + 2 }, (_, index) => ({ size: 1, value: index % 2 }));
    const mean = sample.reduce((total, { value }) => total + value, 0) / sample.length;
    const variance = sample.reduce((total, { value }) => total + (value - mean) ** 2, 0) / freedom;
    const count = 1_000_000;
    const { likely, high } = projectTotal(sample, { count, size: count });
    const spread = Math.sqrt(variance * (count + count ** 2 / sample.length));
    expect(Math.abs(((high ?? 0) - likely) / spread - t)).toBeLessThan(0.01);
  });

  test('fewer than three tell no band, none tells nothing', () => {
    const none = { low: null, high: null };
    expect(
      projectTotal(
        on((size) => size, 10, 20),
        { count: 2, size: 40 },
      ),
    ).toEqual({ ...none, likely: 40 });
    expect(projectTotal([{ size: 10, value: 5 }], { count: 2, size: 30 })).toEqual({ ...none, likely: 10 });
    expect(projectTotal([], { count: 2, size: 30 })).toEqual({ ...none, likely: 0 });
  });

  test('of nothing comes nothing', () => {
    const sample = [1, 3].map((value) => ({ size: 10, value }));
    expect(projectTotal(sample, { count: 0, size: 0 })).toEqual({ low: 0, likely: 0, high: 0 });
  });

  test('holds the true total in about 19 of 20 cases', () => {
    const random = generator(42);
    const trials = Array.from({ length: 400 }, () => {
      const all = Array.from({ length: 200 }, (_, index) => {
        const size = 500 + random() * 4000;
        return { id: `${index}`, mtimeMs: 0, size, value: 1000 + size * (0.5 + random()) };
      });
      const ids = new Set(spreadOverSizes(all, 10).map(({ id }) => id));
      const sample = all.filter(({ id }) => ids.has(id));
      const rest = all.filter(({ id }) => !ids.has(id));
      const sum = (key: 'size' | 'value') => rest.reduce((total, one) => total + one[key], 0);
      const { low, high } = projectTotal(sample, { count: rest.length, size: sum('size') });
      return low !== null && high !== null && low <= sum('value') && sum('value') <= high;
    });
    const share = trials.filter(Boolean).length / trials.length;
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  });
});

function on(line: (size: number) => number, ...sizes: readonly number[]) {
  return sizes.map((size) => ({ size, value: line(size) }));
}

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
