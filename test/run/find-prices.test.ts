import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import type { Price } from '../../src/domain/ports.ts';
import { resolveApi } from '../../src/llm/api.ts';
import type { Catalogue } from '../../src/llm/catalogue.ts';
import { PACKAGED } from '../../src/llm/price-list.ts';
import { findPrices, priceLine } from '../../src/run/prices.ts';
import { preparedOf } from './support.ts';

const SONNET: Price = { prompt: 3e-6, completion: 15e-6, request: 0.01 };

/** A list of models with one price. */
const CATALOGUE: Catalogue = {
  price: (model) => (model === 'sonnet' ? SONNET : null),
  model: () => null,
  meant: () => ['openai/gpt-5'],
  models: () => [],
  taking: () => [],
};

const NOON = Date.UTC(2026, 10, 30, 12);

interface Found {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly api?: string;
  /** What the API says, asked for it. */
  readonly catalogue?: Catalogue | null;
  readonly now?: number;
}

async function pricesOf({ flags = {}, api = 'http://127.0.0.1:4000/v1', catalogue = CATALOGUE, now = NOON }: Found) {
  let asked = 0;
  const { options } = preparedOf(flags);
  const prices = await findPrices(
    { ...options, api },
    {
      api: resolveApi(api),
      askForCatalogue: () => {
        asked += 1;
        return Promise.resolve(catalogue);
      },
      knownCatalogue: () => null,
      wall: () => now,
    },
  );
  return { prices, asked, line: priceLine(prices, options.model, now) };
}

/** What is found, and how often the API was asked. */
async function found(flags: Readonly<Record<string, unknown>>, others: Omit<Found, 'flags'> = {}) {
  const { prices, asked } = await pricesOf({ flags, ...others });
  return { prices: ['sonnet', 'another'].map((model) => prices.of(model)), asked };
}

describe('prices', () => {
  test('are what the flags say, of any model, and the API is not asked', async () => {
    const price = { prompt: 2e-6, completion: 8e-6, request: 0, from: 'flags' };
    const flags = { model: 'sonnet', 'max-cost': '1', 'price-prompt': '2', 'price-completion': '8' };
    expect(await found(flags)).toEqual({ prices: [price, price], asked: 0 });
  });

  test('are else what the API tells, of the models that it lists', async () => {
    expect(await found({ model: 'sonnet', 'max-cost': '1' })).toEqual({ prices: [SONNET, null], asked: 1 });
  });

  test('are not asked for where no budget needs them', async () => {
    expect(await found({ model: 'sonnet' })).toEqual({ prices: [null, null], asked: 0 });
  });

  test.each([
    [
      'its model has no price',
      'another',
      CATALOGUE,
      'the price of another, which http://127.0.0.1:4000/v1 does not tell: give --price-prompt',
    ],
    [
      'the API gives no list of models',
      'another',
      null,
      'http://127.0.0.1:4000/v1 gave no list of models (GET /models): try again,',
    ],
  ])('are missed before anything is paid, where there is a budget and %s', async (_, model, catalogue, words) => {
    const asking = found({ model, 'max-cost': '1' }, { catalogue });
    await expect(asking).rejects.toThrow(UsageError);
    await expect(asking).rejects.toThrow(words);
  });
});

describe('prices where the API tells none', () => {
  test('are those of the list in this version, by the host of the API', async () => {
    const { prices, line } = await pricesOf({
      api: 'https://api.mistral.ai/v1',
      flags: { model: 'mistral-small-latest' },
    });
    expect(prices.of('mistral-small-latest')).toMatchObject({
      prompt: expect.closeTo(0.1e-6, 12),
      completion: expect.closeTo(0.3e-6, 12),
      from: `list ${PACKAGED.date}`,
    });
    expect(line).toBe(
      'Prices: the list of 23 September 2026 in this version (mistral-small-latest: $0.1000 and $0.3000). Your bill may differ.',
    );
  });

  test.each([
    ['OpenRouter, which tells what each call costs', 'openrouter'],
    ['a gateway of this machine, which may bill anything', 'http://127.0.0.1:4000/v1'],
    ['a gateway elsewhere', 'https://llm.example.com/v1'],
  ])('are not taken from a list for %s', async (_, api) => {
    const { prices } = await pricesOf({ api, flags: { model: 'gpt-4o' } });
    expect(prices.of('gpt-4o')).toBeNull();
    expect(prices.of('openai/gpt-4o')).toBeNull();
  });

  test("are nothing for a server of one's own", async () => {
    const flags = { model: 'llama3.2', 'max-cost': '1' };
    const { prices, line } = await pricesOf({ api: 'ollama', flags, catalogue: null });
    expect(prices.of('llama3.2')).toEqual({ prompt: 0, completion: 0, request: 0, from: 'local' });
    expect(line).toBeNull();
  });

  test('give way to what the API tells', async () => {
    const flags = { model: 'sonnet', 'max-cost': '1' };
    const { prices, line } = await pricesOf({ api: 'https://api.mistral.ai/v1', flags });
    expect([prices.of('sonnet'), prices.of('mistral-small-latest')?.from]).toEqual([SONNET, `list ${PACKAGED.date}`]);
    expect(line).toBeNull();
  });

  test('are not guessed: a model that the list does not have is unknown, and that is told', async () => {
    const api = 'https://api.mistral.ai/v1';
    const flags = { model: 'mistral-small-nobody' };
    const { prices, line } = await pricesOf({ api, flags });
    expect(prices.of('mistral-small-nobody')).toBeNull();
    expect(line).toBe(
      'Prices: the list of 23 September 2026 in this version does not have mistral-small-nobody: a cost that the API ' +
        'does not tell stays unknown.',
    );
    await expect(pricesOf({ api, flags: { ...flags, 'max-cost': '1' } })).rejects.toThrow(
      `the price of mistral-small-nobody, which neither ${api} nor the list of 23 September 2026 in this version tells: give`,
    );
  });

  test('come from no list with --price-list off', async () => {
    const flags = { model: 'mistral-small-latest', 'price-list': 'off' };
    const { prices, line } = await pricesOf({ api: 'https://api.mistral.ai/v1', flags });
    expect([prices.of('mistral-small-latest'), line]).toEqual([null, null]);
  });

  test('that grow with the prompt are told as they are, and as they are at most', async () => {
    const { line } = await pricesOf({ api: 'https://api.x.ai/v1', flags: { model: 'grok-4.3' } });
    expect(line).toContain('(grok-4.3: $1.25 and $2.50, at most $2.50 and $5.00)');
  });

  test.each([
    [90, ''],
    [91, ' The list is 91 days old: --price-list FILE names a newer one.'],
  ])('of a list that is %d days old', async (days, words) => {
    const now = Date.parse(PACKAGED.date) + days * 86_400_000;
    const { line } = await pricesOf({ api: 'https://api.x.ai/v1', flags: { model: 'grok-4.3' }, now });
    expect(line).toMatch(/Your bill may differ\./);
    expect(line?.split('Your bill may differ.')[1]).toBe(words);
  });

  test('come from a file that is given, for any API', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-prices-')), 'prices.json');
    const entry = { litellm_provider: 'openai', input_cost_per_token: 2e-6, output_cost_per_token: 8e-6 };
    writeFileSync(file, JSON.stringify({ 'gpt-4o': entry }));
    const { prices, line } = await pricesOf({ flags: { model: 'gpt-4o', 'price-list': file } });
    expect(prices.of('gpt-4o')).toMatchObject({ prompt: 2e-6, completion: 8e-6 });
    expect(line).toMatch(/^Prices: the list of \d+ \w+ \d+ in .*prices\.json \(gpt-4o: \$2\.00 and \$8\.00\)\. Your/);
  });
});
