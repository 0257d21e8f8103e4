import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import type { Price } from '../../src/domain/ports.ts';
import type { Catalogue } from '../../src/llm/catalogue.ts';
import { findPrices } from '../../src/run/money.ts';
import { preparedOf } from './support.ts';

const SONNET: Price = { prompt: 3e-6, completion: 15e-6, request: 0.01 };

/** A list of models with one price. */
const CATALOGUE: Catalogue = {
  price: (model) => (model === 'sonnet' ? SONNET : null),
  model: () => null,
  taking: () => [],
};

/** What is found with these flags, and how often the API was asked. */
async function found(flags: Readonly<Record<string, unknown>>, catalogue: Catalogue | null = CATALOGUE) {
  let asked = 0;
  const { options } = preparedOf(flags);
  const prices = await findPrices(options, () => {
    asked += 1;
    return Promise.resolve(catalogue);
  });
  return { prices: ['sonnet', 'another'].map((model) => prices.of(model)), asked };
}

describe('prices', () => {
  test('are what the flags say, of any model, and the API is not asked', async () => {
    const price = { prompt: 2e-6, completion: 8e-6, request: 0 };
    const flags = { model: 'sonnet', 'max-cost': '1', 'price-prompt': '2', 'price-completion': '8' };
    expect(await found(flags)).toEqual({ prices: [price, price], asked: 0 });
  });

  test('are else what the API tells, of the models that it lists', async () => {
    expect(await found({ model: 'sonnet', 'max-cost': '1' })).toEqual({ prices: [SONNET, null], asked: 1 });
  });

  test('are not asked for if no budget needs them', async () => {
    expect(await found({ model: 'sonnet' })).toEqual({ prices: [null, null], asked: 0 });
  });

  test.each([
    ['its model has no price', CATALOGUE, 'the price of another, which simulator does not tell: give --price-prompt'],
    [
      'the API gives no list of models',
      null,
      'no list of models could be had from simulator (GET /models): try again,',
    ],
  ])('are missed before anything is paid, where there is a budget and %s', async (_, catalogue, words) => {
    const asking = found({ model: 'another', 'max-cost': '1' }, catalogue);
    await expect(asking).rejects.toThrow(UsageError);
    await expect(asking).rejects.toThrow(words);
  });
});
