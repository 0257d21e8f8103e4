import { expect, test } from '@jest/globals';
import { worstCostUsd } from '../../src/domain/worst-cost.ts';

const SONNET = { prompt: 3e-6, completion: 15e-6, request: 0 };

test('a call costs at most the longest answer, its prompt as the densest text, and what a call costs by itself', () => {
  expect(worstCostUsd(SONNET, { bytes: 2001, maxTokens: 64_000 })).toBeCloseTo(0.96 + 2001 * 3e-6, 12);
  expect(worstCostUsd({ ...SONNET, request: 0.005 }, { bytes: 0, maxTokens: 1 })).toBeCloseTo(0.005_015, 12);
});

test('a call to a free model costs nothing', () => {
  expect(worstCostUsd({ prompt: 0, completion: 0, request: 0 }, { bytes: 1e6, maxTokens: 64_000 })).toBe(0);
});
