import { mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { calcPrice, findProvider, type ModelInfo } from '@pydantic/genai-prices';
import { UsageError } from '../../src/domain/errors.ts';
import { tierOf } from '../../src/domain/models.ts';
import { resolveApi } from '../../src/llm/api.ts';
import { loadPriceList, PACKAGED, type PriceList } from '../../src/llm/price-list.ts';
import { pricedCost } from '../../src/llm/reply/cost.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-list-'));

/** A file of prices that was made on a day. */
function fileOf(content: unknown, name = 'prices.json'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const day = new Date('2026-11-20T08:00:00Z');
  utimesSync(file, day, day);
  return file;
}

async function listFor(api: string, file: string | null = null, at = '2026-11-30T12:00:00Z'): Promise<PriceList> {
  const list = await loadPriceList(resolveApi(api), file, () => Date.parse(at));
  if (list === null) throw new Error(`no list for ${api}`);
  return list;
}

/** A million times the price of a token of prompt and answer, as it is usually. */
function usual(list: PriceList, model: string) {
  const price = list.price(model);
  if (price === null) return null;
  const { prompt, completion } = tierOf(price, 0);
  return [prompt, completion].map((perToken) => Number((perToken * 1e6).toFixed(9)));
}

/** The id of a model in the list, and others that are the same model. */
function namesOf({ id, match }: ModelInfo): readonly string[] {
  return [id, ...Array.from(JSON.stringify(match).matchAll(/"equals":"([^"]+)"/g), ([, name]) => name ?? id)];
}

const APIS = [
  'https://api.openai.com/v1',
  'https://api.anthropic.com/v1',
  'https://generativelanguage.googleapis.com/v1beta/openai',
  'https://api.mistral.ai/v1',
  'https://api.groq.com/openai/v1',
  'https://api.deepseek.com/v1',
  'https://api.x.ai/v1',
  'https://api.cerebras.ai/v1',
  'https://api.together.xyz/v1',
  'https://api.fireworks.ai/inference/v1',
  'https://acme.openai.azure.com/openai/v1',
  'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1',
];

describe('the list in the package', () => {
  test('is the one whose date is told', () => {
    const path = new URL('../../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: PACKAGED.version });
  });

  test.each([
    ['https://api.openai.com/v1', 'gpt-5-mini', [0.25, 2]],
    ['https://api.anthropic.com/v1', 'claude-sonnet-4-5-20250929', [3, 15]],
    ['https://generativelanguage.googleapis.com/v1beta/openai', 'models/gemini-3-pro-preview', [2, 12]],
    ['https://api.mistral.ai/v1', 'mistral-small-latest', [0.1, 0.3]],
    ['https://api.groq.com/openai/v1', 'llama-3.3-70b-versatile', [0.59, 0.79]],
    ['https://api.x.ai/v1', 'grok-4.3', [1.25, 2.5]],
    ['https://api.cerebras.ai/v1', 'gpt-oss-120b', [0.35, 0.75]],
    ['https://api.together.ai/v1', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', [0.88, 0.88]],
    ['https://api.together.xyz/v1', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', [0.88, 0.88]],
    ['https://acme.openai.azure.com/openai/v1', 'gpt-5-mini', [0.25, 2]],
    ['https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1', 'openai.gpt-oss-120b-1:0', [0.15, 0.6]],
  ])('knows %s by its host: %s', async (api, model, price) => {
    expect(usual(await listFor(api), model)).toEqual(price);
  });

  test.each([
    ['https://api.openai.com/v1', 'gpt-5-minimal'],
    ['https://api.openai.com/v1', 'gpt-5-min'],
    ['https://api.openai.com/v1', 'openai/gpt-5-mini'],
    ['https://api.cerebras.ai/v1', 'gpt-oss-120'],
    ['https://api.mistral.ai/v1', 'gpt-5-mini'],
    // No reply counts what it asks for each citation.
    ['https://api.perplexity.ai', 'sonar-deep-research'],
  ])('says nothing of what it does not have: %s, %s', async (api, model) => {
    expect((await listFor(api)).price(model)).toBeNull();
  });

  test.each(['https://llm.example.com/v1', 'http://127.0.0.1:4000/v1', 'https://api.openai.example.com/v1'])(
    'does not have %s',
    async (api) => {
      expect(await loadPriceList(resolveApi(api), null)).toBeNull();
    },
  );

  test.each(APIS)(
    'is read as its own library reads it: every model of %s, by day and hour, short and long',
    async (url) => {
      const provider = findProvider({ providerApiUrl: url });
      let compared = 0;
      for (const at of ['2026-08-01T12:00:00Z', '2026-11-30T02:00:00Z', '2027-02-01T12:00:00Z']) {
        const list = await listFor(url, null, at);
        for (const id of provider?.models.flatMap(namesOf) ?? []) {
          const price = list.price(id);
          for (const promptTokens of price === null ? [] : [1000, 210_000, 300_000]) {
            const usage = { promptTokens, cachedTokens: 300, completionTokens: 50, stated: {} };
            const tokens = { input_tokens: promptTokens, cache_read_tokens: 300, output_tokens: 50 };
            const theirs = calcPrice(tokens, id, { providerApiUrl: url, timestamp: new Date(at) });
            const cost = price && pricedCost(price, { usage, sound: false });
            expect([id, cost]).toEqual([id, expect.closeTo(theirs?.total_price ?? Number.NaN, 12)]);
            compared += 1;
          }
        }
      }
      expect(compared).toBeGreaterThan(40);
    },
  );

  test('reserves the highest of all lengths and hours, what goes into a cache, and sound', async () => {
    const most = async (api: string, model: string) => {
      const price = (await listFor(api)).price(model);
      return [price?.prompt, price?.completion].map((one) => Number(((one ?? 0) * 1e6).toFixed(9)));
    };
    // 3 and 15; 6 and 22.5 above 200,000 tokens; 1.25 of that into the cache.
    expect(await most('https://api.anthropic.com/v1', 'claude-sonnet-4-5')).toEqual([7.5, 22.5]);
    // Twice as much at some hours of the day.
    expect(await most('https://api.deepseek.com/v1', 'deepseek-v4-pro')).toEqual([1.32, 3.96]);
    expect(usual(await listFor('https://api.deepseek.com/v1'), 'deepseek-v4-pro')).toEqual([0.66, 1.98]);
    const atNoon = await listFor('https://api.deepseek.com/v1', null, '2026-11-30T09:59:59Z');
    expect(usual(atNoon, 'deepseek-v4-pro')).toEqual([1.32, 3.96]);
    // Sound is 1 dollar, text 0.3.
    expect(await most('https://generativelanguage.googleapis.com/v1beta/openai', 'gemini-2.5-flash')).toEqual([1, 2.5]);
  });
});

describe('a file in the form of the package', () => {
  const provider = {
    id: 'mine',
    name: 'Mine',
    api_pattern: String.raw`http://127\.0\.0\.1:4000`,
    fallback_model_providers: ['theirs'],
    models: [
      { id: 'a', match: { or: [{ equals: 'a' }, { regex: '^a-\\d{8}$' }] }, prices: { input_mtok: 1, output_mtok: 2 } },
      {
        id: 'long',
        match: { and: [{ starts_with: 'LONG' }, { ends_with: 'er' }, { contains: 'ng' }] },
        prices: [
          { prices: { input_mtok: 9, output_mtok: 9 } },
          {
            constraint: { start_date: '2026-11-01' },
            prices: {
              input_mtok: { base: 1, tiers: [{ start: 100, price: 3 }] },
              output_mtok: { base: 2, tiers: [{ start: 100, price: 6 }] },
              unheard_of_mtok: 7,
            },
          },
        ],
      },
      { id: 'odd', match: { equals: 'odd' }, prices: { input_mtok: '1', output_mtok: -2 } },
      { id: 'half', match: { equals: 'half' }, prices: { input_mtok: 1 } },
      { id: 'broken', match: { regex: '(' }, prices: null },
      { id: 'none' },
      { id: 'null', match: { equals: 'null' }, prices: [null] },
      { id: 'last', match: { equals: 'last' }, prices: { input_mtok: 6, output_mtok: 7 } },
    ],
  };
  const theirs = {
    id: 'theirs',
    name: 'Theirs',
    api_pattern: 'https://theirs',
    models: [{ id: 'b', match: { equals: 'b' }, prices: { input_mtok: 4, output_mtok: 5 } }],
  };
  const load = () => listFor('http://127.0.0.1:4000/v1', fileOf([theirs, provider]));

  test('tells its own prices, by its rules, with the day on which it was made', async () => {
    const list = await load();
    expect([list.date, list.price('a')?.from]).toEqual(['2026-11-20', 'list 2026-11-20']);
    expect(['a', 'A-20260101', 'ab', 'longer', 'b', 'gpt-5-mini'].map((model) => usual(list, model))).toEqual([
      [1, 2],
      [1, 2],
      null,
      [1, 2],
      [4, 5],
      null,
    ]);
  });

  test('may have prices by day and length', async () => {
    const price = (await load()).price('longer');
    expect(price?.tiers?.map(({ above, prompt, completion }) => [above, prompt * 1e6, completion * 1e6])).toEqual([
      [0, 1, 2],
      [100, 3, 6],
    ]);
    const before = await listFor('http://127.0.0.1:4000/v1', fileOf([theirs, provider]), '2026-10-31T23:59:59Z');
    expect(usual(before, 'longer')).toEqual([9, 9]);
  });

  test('tells nothing where its figures are none', async () => {
    const list = await load();
    expect(['odd', 'half', 'null', '('].map((model) => list.price(model))).toEqual([null, null, null, null]);
    expect(usual(list, 'last')).toEqual([6, 7]);
  });

  test('tells nothing of APIs that it does not have', async () => {
    const list = await listFor('http://127.0.0.1:4001/v1', fileOf([theirs, provider]));
    expect(list.price('a')).toBeNull();
  });
});

const LITELLM = {
  sample_spec: { litellm_provider: 'one of', input_cost_per_token: 0 },
  'gpt-4o': { litellm_provider: 'openai', input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5 },
  'azure/gpt-4o': { litellm_provider: 'azure', input_cost_per_token: 3e-6, output_cost_per_token: 12e-6 },
  'together_ai/llama': { litellm_provider: 'together_ai', input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 },
  long: {
    litellm_provider: 'openai',
    input_cost_per_token: 1e-6,
    input_cost_per_token_above_200k_tokens: 2e-6,
    output_cost_per_token: 4e-6,
    output_cost_per_token_above_200k_tokens: 8e-6,
    cache_read_input_token_cost: 1e-7,
    input_cost_per_token_batches: 5e-7,
  },
  picture: { litellm_provider: 'openai', output_cost_per_image: 0.04 },
};

describe('a file in the form of LiteLLM', () => {
  test.each([
    ['openai', 'gpt-4o', [2.5, 10]],
    ['openai', 'gpt-4o-2024', null],
    ['openai', 'azure/gpt-4o', null],
    ['openai', 'picture', null],
    ['http://127.0.0.1:4000', 'gpt-4o', [2.5, 10]],
    ['http://127.0.0.1:4000', 'azure/gpt-4o', [3, 12]],
    ['http://127.0.0.1:4000', 'llama', null],
    ['ollama', 'gpt-4o', null],
  ])('of %s tells %s: %j', async (api, model, price) => {
    expect(usual(await listFor(api, fileOf(LITELLM)), model)).toEqual(price);
  });

  test('has what long prompts cost', async () => {
    const price = (await listFor('openai', fileOf(LITELLM))).price('long');
    expect(price).toMatchObject({ prompt: expect.closeTo(2e-6, 12), completion: expect.closeTo(8e-6, 12) });
    expect(price && tierOf(price, 200_000)).toMatchObject({ prompt: expect.closeTo(1e-6, 12) });
    expect(price && tierOf(price, 200_001)).toMatchObject({ completion: expect.closeTo(8e-6, 12) });
  });
});

describe('a file that is no list', () => {
  test.each([
    ['no JSON', 'prices'],
    ['an empty list', []],
    ['a list of other things', [{ id: 'x' }]],
    ['an object of other things', { a: 1 }],
  ])('is refused: %s', async (_, content) => {
    const loading = listFor('openai', fileOf(content, 'no-list.json'));
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(/no-list\.json is no list of prices: it takes a JSON file of the form of/);
  });

  test('is refused where it is not there', async () => {
    await expect(listFor('openai', join(folder, 'none.json'))).rejects.toThrow(/none\.json cannot be read: ENOENT/);
  });
});
