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

test('reasoning is part of the completion', () => {
  const [model] = CATALOGUE;
  if (model === undefined) throw new Error('the catalogue is empty');
  const reasoning = (reasoned: boolean) => usageOf(model, 40, 400, reasoned).completion_tokens_details.reasoning_tokens;
  expect([reasoning(false), reasoning(true)]).toEqual([0, 100]);
});
