import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../src/simulator/catalogue.ts';
import { usageOf } from '../../src/simulator/usage.ts';

describe.each(CATALOGUE.map((model) => [model.id, model] as const))('the usage of %s', (_, model) => {
  test('adds up, in tokens and in cost', () => {
    const usage = usageOf(model, 4001, 399);
    const { upstream_inference_prompt_cost: prompt, upstream_inference_completions_cost: completion } =
      usage.cost_details;
    expect(usage).toMatchObject({ prompt_tokens: 1001, completion_tokens: 100, total_tokens: 1101 });
    expect(prompt).toBeCloseTo(1001 * Number(model.pricing.prompt), 10);
    expect(completion).toBeCloseTo(100 * Number(model.pricing.completion), 10);
    expect(usage.cost).toBeCloseTo(prompt + completion, 10);
  });

  test('has no digits that are noise', () => {
    for (const characters of [1, 7, 333, 12_345]) {
      const { cost } = usageOf(model, characters, characters);
      expect(cost).toBe(Number(cost.toFixed(10)));
    }
  });
});

const [MODEL] = CATALOGUE;
if (MODEL === undefined) throw new Error('the catalogue is empty');

test('thoughts are tokens of the completion', () => {
  expect(usageOf(MODEL, 40, 400, { reasoningTokens: 7 })).toMatchObject({
    completion_tokens: 107,
    completion_tokens_details: { reasoning_tokens: 7 },
  });
});

test('tokens that were kept cost a tenth, those that are being kept a quarter more', () => {
  const usage = usageOf(MODEL, 16_000, 0, { cache: { cachedTokens: 1_000, writtenTokens: 2_000 }, extraUsd: 0.004 });
  expect(usage.prompt_tokens_details).toEqual({ cached_tokens: 1_000, cache_write_tokens: 2_000 });
  expect(usage.cost).toBeCloseTo((1_000 + 1_000 * 0.1 + 2_000 * 1.25) * 0.000003 + 0.004, 10);
});
