import { describe, expect, test } from '@jest/globals';
import type { Price } from '../../../src/domain/ports.ts';
import { pricedCost, statedCost, toldCost } from '../../../src/llm/reply/cost.ts';

const LITELLM = { 'x-litellm-call-id': 'c-1' };

describe('the cost that a reply tells', () => {
  test.each([
    ['usage.cost of an API that means USD', { cost: 0.25 }, {}, true, 0.25],
    ['usage.cost in a reply in the form of OpenRouter', { cost: 0.25, cost_details: {} }, {}, false, 0.25],
    ['usage.cost in one that says whose key it was', { cost: 0, is_byok: true }, {}, false, 0],
    ['usage.cost of a LiteLLM proxy', { cost: 0.25 }, LITELLM, false, 0.25],
    ["the ticks of xAI's own currency", { cost_in_usd_ticks: 37_756_000 }, {}, false, 0.0037756],
    ['the total of Perplexity', { cost: { input_tokens_cost: 0.1, total_cost: 0.006 } }, {}, false, 0.006],
    ['the estimate of DeepInfra', { estimated_cost: 0.0000268 }, {}, false, 0.0000268],
    ['the header of a LiteLLM proxy', {}, { ...LITELLM, 'x-litellm-response-cost': '0.00098849' }, false, 0.00098849],
    [
      'what stands in the reply before the header',
      { cost: 1 },
      { ...LITELLM, 'x-litellm-response-cost': '2' },
      false,
      1,
    ],
  ])('is read: %s', (_, usage, headers, costsAreUsd, usd) => {
    expect(toldCost(usage, headers, costsAreUsd)).toBeCloseTo(usd, 12);
  });

  test.each([
    ['usage.cost of an unknown API: credits, yuan, anything', { cost: 0.25 }, {}, false],
    ['text', { cost: '0.25', estimated_cost: '1', cost_in_usd_ticks: '5' }, {}, true],
    ['less than nothing', { cost: -1, cost_in_usd_ticks: -5 }, {}, true],
    ['an object without a total', { cost: { input: 1 } }, {}, true],
    ['a header that is no number', {}, { 'x-litellm-response-cost': 'None' }, false],
    ['an empty header', {}, { 'x-litellm-response-cost': '' }, false],
    ['a header of 0, as of a model without a price', {}, { 'x-litellm-response-cost': '0.0' }, false],
    ['more than any call costs', { cost: 1e19, cost_in_usd_ticks: 1e19, estimated_cost: 10_001 }, {}, true],
    ['a header that is more', {}, { 'x-litellm-response-cost': '1e19' }, false],
    ['nothing', {}, {}, true],
  ])('is not read: %s', (_, usage, headers, costsAreUsd) => {
    expect(toldCost(usage, headers, costsAreUsd)).toBeNull();
  });

  test('says in any currency that something was billed', () => {
    expect([statedCost({ cost: 3 }), statedCost({ cost_in_usd_ticks: 1e10 }), statedCost({})]).toEqual([3, 1, null]);
  });
});

describe('the cost by a price', () => {
  const base = { above: 0, prompt: 1, cachedPrompt: 0.1, writtenPrompt: 1.25, soundPrompt: 10, completion: 4 };
  const PRICE: Price = {
    prompt: 20,
    completion: 8,
    request: 0.5,
    tiers: [base, { ...base, above: 100, prompt: 2, cachedPrompt: 0.2, completion: 8 }],
  };

  function cost(stated: Readonly<Record<string, unknown>>, { sound = false, price = PRICE, cachedTokens = 0 } = {}) {
    const { prompt_tokens: promptTokens = 10, completion_tokens: completionTokens = 1 } = stated;
    const tokens = { promptTokens: Number(promptTokens), completionTokens: Number(completionTokens) };
    return pricedCost(price, { usage: { ...tokens, cachedTokens, stated }, sound });
  }

  test.each([
    ['prompt, answer and the call itself', {}, {}, 10 + 4 + 0.5],
    ['the tier that a prompt is still in', { prompt_tokens: 100 }, {}, 100 + 4 + 0.5],
    ['the next tier, for all of its tokens', { prompt_tokens: 101 }, {}, 202 + 8 + 0.5],
    ['tokens from a cache', {}, { cachedTokens: 4 }, 6 + 0.4 + 4 + 0.5],
    ['more cached tokens than there are', {}, { cachedTokens: 40 }, 1 + 4 + 0.5],
    ['tokens that go into a cache', { prompt_tokens_details: { cache_write_tokens: 4 } }, {}, 6 + 5 + 4 + 0.5],
    ['the same, as Anthropic names them', { cache_creation_input_tokens: 4 }, {}, 6 + 5 + 4 + 0.5],
    ['sound', { prompt_tokens_details: { audio_tokens: 4 } }, { sound: true }, 6 + 40 + 4 + 0.5],
    ['sound whose tokens nobody tells', {}, { sound: true }, 100 + 4 + 0.5],
    ['thoughts that are in the total alone', { total_tokens: 21 }, {}, 10 + 11 * 4 + 0.5],
    ['a total that is less than its parts', { total_tokens: 5 }, {}, 10 + 4 + 0.5],
    ['a total that is none', { total_tokens: 1e19 }, {}, 10 + 4 + 0.5],
  ])('counts %s', (_, stated, call, usd) => {
    expect(cost(stated, call)).toBeCloseTo(usd, 9);
  });

  test('goes by the figures themselves where there are no tiers', () => {
    const price = { prompt: 1, completion: 2, request: 0 };
    expect(cost({}, { price, cachedTokens: 5 })).toBe(12);
    expect(cost({}, { price: { ...price, cachedPrompt: 0 }, cachedTokens: 5 })).toBe(7);
  });

  test('is nothing where nothing costs anything, whatever is told', () => {
    expect(pricedCost({ prompt: 0, completion: 0, request: 0 }, { usage: null, sound: false })).toBe(0);
    expect(pricedCost({ prompt: 0, completion: 0, request: 0.1 }, { usage: null, sound: false })).toBeNull();
  });

  test('is unknown where tokens are', () => {
    const usage = { promptTokens: 10, completionTokens: null, cachedTokens: null, stated: { total_tokens: 20 } };
    expect(pricedCost(PRICE, { usage, sound: false })).toBeNull();
  });
});
