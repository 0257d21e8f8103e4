import { describe, expect, test } from '@jest/globals';
import { spreadOverSizes } from '../../../src/cli/plan/prompts.ts';

const documents = (...sizes: number[]) => sizes.map((size, index) => ({ id: `${index}`, size, mtimeMs: 0 }));

describe('spreadOverSizes', () => {
  test('takes all if there are no more', () => {
    const all = documents(3, 1, 2);
    expect(spreadOverSizes(all, 3)).toEqual(all);
    expect(spreadOverSizes(all, 9)).toEqual(all);
  });

  test.each([
    [1, [50]],
    [2, [25, 75]],
    [4, [12, 37, 62, 87]],
  ])('%d of 100 documents are the middles of equal parts by size', (count, sizes) => {
    const shuffled = Array.from({ length: 100 }, (_, index) => (index * 37) % 100);
    expect(spreadOverSizes(documents(...shuffled), count).map(({ size }) => size)).toEqual(sizes);
  });

  test('takes the same ones each time, whatever their order, and none twice', () => {
    const all = documents(...Array.from({ length: 50 }, (_, index) => index % 3));
    const taken = spreadOverSizes(all, 20).map(({ id }) => id);
    expect(spreadOverSizes(all.toReversed(), 20).map(({ id }) => id)).toEqual(taken);
    expect(new Set(taken).size).toBe(20);
  });
});
