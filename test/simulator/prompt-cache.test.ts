import { describe, expect, test } from '@jest/globals';
import type { RequestMessage } from '../../src/simulator/chat-request.ts';
import { PromptCache } from '../../src/simulator/prompt-cache.ts';
import { converse, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const FIXED = 'x'.repeat(8_000);
const CLAUDE = 'anthropic/claude-sonnet-4.5';
const GPT = 'openai/gpt-5';

function messages(document: string, { fixed = FIXED, isMarked = true } = {}): readonly RequestMessage[] {
  const nothing = { inputs: [], flaw: null };
  return [
    { role: 'system', text: fixed, marks: isMarked ? [fixed.length] : [], ...nothing },
    { role: 'user', text: document, marks: [], ...nothing },
  ];
}

describe.each([
  ['up to a mark', CLAUDE, { cachedTokens: 0, writtenTokens: 2_000 }, { cachedTokens: 2_000, writtenTokens: 0 }],
  ['in common', GPT, { cachedTokens: 0, writtenTokens: 0 }, { cachedTokens: 1_920, writtenTokens: 0 }],
])('a beginning %s', (_, model, cold, warm) => {
  test('is found by calls that come when the first has ended, for five minutes', () => {
    const cache = new PromptCache();
    const first = cache.visit(model, messages('a'), 0);
    expect([first?.use, cache.visit(model, messages('b'), 1)?.use]).toEqual([cold, cold]);
    first?.keep(10);
    expect(cache.visit(model, messages('c'), 300_009)?.use).toEqual(warm);
    expect(cache.visit(model, messages('d'), 300_010)?.use).toEqual(cold);
  });

  test('is kept for its model alone', () => {
    const cache = new PromptCache();
    cache.visit(model, messages('a'), 0)?.keep(0);
    expect(cache.visit(`${model}-mini`, messages('b'), 1)?.use).toEqual(cold);
  });

  test('is not kept if it is too short', () => {
    const cache = new PromptCache();
    expect(cache.visit(model, messages('a', { fixed: 'x'.repeat(4_000) }), 0)).toBeNull();
  });
});

test('nothing is cached without a mark if the model needs one, nor if the provider has no cache', () => {
  const cache = new PromptCache();
  expect(cache.visit(CLAUDE, messages('a', { isMarked: false }), 0)).toBeNull();
  expect(cache.visit('meta-llama/llama-3.3-70b-instruct:free', messages('a'), 0)).toBeNull();
});

test('a call reports and bills what it found', async () => {
  const simulator = await start();
  const system = { role: 'system', content: [{ type: 'text', text: FIXED, cache_control: { type: 'ephemeral' } }] };
  const ask = async (content: string) => (await converse(simulator, [system, { role: 'user', content }])).value.usage;
  const cold = await ask('one');
  const warm = await ask('two');
  expect(cold.prompt_tokens_details).toEqual({ cached_tokens: 0, cache_write_tokens: 2_000 });
  expect(warm.prompt_tokens_details).toEqual({ cached_tokens: 2_000, cache_write_tokens: 0 });
  expect(cold.cost_details.upstream_inference_prompt_cost).toBeCloseTo((2_000 * 1.25 + 1) * 0.000003, 10);
  expect(warm.cost_details.upstream_inference_prompt_cost).toBeCloseTo((2_000 * 0.1 + 1) * 0.000003, 10);
});
