import { expect, test } from '@jest/globals';
import { worstCostUsd } from '../../src/domain/models.ts';

const SONNET = { prompt: 3e-6, completion: 15e-6, request: 0 };

test('a call costs at most the longest answer, the longest prompt, and what a call costs by itself', () => {
  expect(
    worstCostUsd(SONNET, { promptTokensAtMost: 2001, maxTokens: 64_000, feesUsdAtMost: 0, surcharge: 1 }),
  ).toBeCloseTo(0.96 + 2001 * 3e-6, 12);
  expect(
    worstCostUsd(
      { ...SONNET, request: 0.005 },
      { promptTokensAtMost: 0, maxTokens: 1, feesUsdAtMost: 0, surcharge: 1 },
    ),
  ).toBeCloseTo(0.005_015, 12);
});

test('a call to a free model costs nothing', () => {
  expect(
    worstCostUsd(
      { prompt: 0, completion: 0, request: 0 },
      { promptTokensAtMost: 1e6, maxTokens: 64_000, feesUsdAtMost: 0, surcharge: 1 },
    ),
  ).toBe(0);
});

test('a call that is dearer than listed costs more, and one of which nobody tells how much has no bound', () => {
  const size = { promptTokensAtMost: 1000, maxTokens: 0, feesUsdAtMost: 0.5 };
  expect(worstCostUsd(SONNET, { ...size, surcharge: 2 })).toBeCloseTo(0.506, 12);
  expect(worstCostUsd(SONNET, { ...size, surcharge: Number.POSITIVE_INFINITY })).toBeNull();
  const free = { prompt: 0, completion: 0, request: 0 };
  expect(worstCostUsd(free, { ...size, surcharge: Number.POSITIVE_INFINITY })).toBe(0.5);
});
