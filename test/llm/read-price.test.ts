import { expect, test } from '@jest/globals';
import { readPrice } from '../../src/llm/catalogue.ts';

const BASE = { prompt: '0.000003', completion: '0.000015' };
const PRICE = { prompt: 0.000003, completion: 0.000015, request: 0 };

test.each([
  ['texts', BASE, PRICE],
  ['numbers', { prompt: 0.000003, completion: 0.000015 }, PRICE],
  ['powers of ten', { prompt: '3e-6', completion: '1.5E-5' }, PRICE],
  ['nothing to pay', { prompt: '0', completion: '0' }, { prompt: 0, completion: 0, request: 0 }],
  ['a price per call', { ...BASE, request: '0.01' }, { ...PRICE, request: 0.01 }],
  ['what no call here has', { ...BASE, image: '-1', web_search: 'x' }, PRICE],
  ['more expensive reasoning', { ...BASE, internal_reasoning: '0.00002' }, { ...PRICE, completion: 0.00002 }],
  ['cheaper tokens from a cache', { ...BASE, input_cache_read: '0.0000003' }, { ...PRICE, cachedPrompt: 0.0000003 }],
  ['cheaper reasoning', { ...BASE, internal_reasoning: '0.000001' }, PRICE],
  ['a discount', { ...BASE, discount: 0.5 }, PRICE],
  ['no overrides', { ...BASE, overrides: null }, PRICE],
  [
    'more expensive long prompts and nights',
    {
      ...BASE,
      overrides: [
        { min_prompt_tokens: 200_000, prompt: '0.000006', completion: '0.00001' },
        { utc_start: 2200, utc_end: 600, completion: '0.00003', request: '0.002' },
        { utc_start: 600, utc_end: 2200, internal_reasoning: '0.000031' },
        null,
      ],
    },
    { prompt: 0.000006, completion: 0.000031, request: 0.002 },
  ],
])('%s', (_, pricing, price) => {
  expect(readPrice(pricing)).toEqual(price);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', '0.1'],
  ['no key', {}],
  ['no price of the answer', { prompt: '0.1' }],
  ['a null price of the prompt', { prompt: null, completion: '0.1' }],
  ['a price that depends on the call', { prompt: '-1', completion: '-1' }],
  ['a negative number', { prompt: -1, completion: 0.1 }],
  ['words', { ...BASE, prompt: 'free' }],
  ['an empty text', { ...BASE, prompt: '' }],
  ['hexadecimals', { ...BASE, prompt: '0x1' }],
  ['more than any number', { ...BASE, prompt: '1e999' }],
  ['a price per call that depends', { ...BASE, request: '-1' }],
  ['reasoning whose price depends', { ...BASE, internal_reasoning: '-1' }],
  ['an override that depends', { ...BASE, overrides: [{ min_prompt_tokens: 1, prompt: '-1' }] }],
])('%s is no price', (_, pricing) => {
  expect(readPrice(pricing)).toBeNull();
});
