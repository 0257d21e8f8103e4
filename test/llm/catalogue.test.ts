import { describe, expect, test } from '@jest/globals';
import type { Modality } from '../../src/domain/request.ts';
import type { Catalogue } from '../../src/llm/catalogue.ts';
import { readCatalogue } from '../../src/llm/catalogue.ts';
import { clientFor, sendJson, serve } from './support.ts';

const SONNET = {
  id: 'anthropic/claude-sonnet-4.5',
  canonical_slug: 'anthropic/claude-4.5-sonnet-20250929',
  context_length: 1_000_000,
  architecture: { input_modalities: ['text', 'image', 'file', 'video'], output_modalities: ['text'] },
  supported_parameters: ['response_format', 'structured_outputs'],
  pricing: { prompt: '0.000003', completion: '0.000015' },
  top_provider: { context_length: 200_000, max_completion_tokens: 64_000 },
};
const PRICE = { prompt: 0.000003, completion: 0.000015, request: 0 };
const FREE = { prompt: 0, completion: 0, request: 0 };

function catalogueOf(...data: readonly unknown[]): Catalogue {
  const catalogue = readCatalogue({ data });
  if (catalogue === null) throw new Error('No catalogue');
  return catalogue;
}

describe('a catalogue', () => {
  test.each([
    ['its id', SONNET.id, PRICE],
    ['its longer name', SONNET.canonical_slug, PRICE],
    ['a variant that chooses among its providers', `${SONNET.id}:nitro`, PRICE],
    ['its free variant', `${SONNET.id}:free`, FREE],
    ['a variant with costs of its own', `${SONNET.id}:online`, null],
    ['another name', 'anthropic/claude-sonnet', null],
    ['nothing', '', null],
  ])('finds a price by %s', (_, model, price) => {
    expect(catalogueOf(null, 'x', {}, SONNET).price(model)).toEqual(price);
  });

  test('lets an id go before the longer name of another model', () => {
    const other = { id: SONNET.canonical_slug, pricing: { prompt: '0.1', completion: '0.2' } };
    const price = { prompt: 0.1, completion: 0.2, request: 0 };
    expect(catalogueOf(other, SONNET).price(SONNET.canonical_slug)).toEqual(price);
    expect(catalogueOf(SONNET, other).price(SONNET.canonical_slug)).toEqual(price);
  });

  test('knows no price of a router, which asks one that depends on the call', () => {
    const router = { id: 'openrouter/auto', pricing: { prompt: '-1', completion: '-1' } };
    expect(catalogueOf(router).price('openrouter/auto')).toBeNull();
  });

  test('knows no prices of an API that tells none, not even of what is called free', () => {
    const catalogue = catalogueOf({ id: 'gpt-5', object: 'model', created: 1, owned_by: 'openai' });
    expect(catalogue.price('gpt-5')).toBeNull();
    expect(catalogue.price('gpt-5:free')).toBeNull();
    expect(catalogue.model('gpt-5')).toEqual({
      contextTokens: null,
      maxCompletionTokens: null,
      inputs: null,
      structuredOutputs: null,
      reasoning: null,
    });
  });

  test('knows the limits of a model', () => {
    const facts = {
      contextTokens: 1_000_000,
      maxCompletionTokens: 64_000,
      inputs: ['text', 'image', 'file'],
      structuredOutputs: true,
      reasoning: false,
    };
    expect(catalogueOf(SONNET).model(SONNET.id)).toEqual(facts);
    expect(catalogueOf(SONNET).model(`${SONNET.id}:free`)).toEqual(facts);
    expect(catalogueOf({ ...SONNET, context_length: null }).model(SONNET.id)).toMatchObject({ contextTokens: 200_000 });
    expect(catalogueOf(SONNET).model('another')).toBeNull();
  });
});

const entry = (id: string, inputs: readonly string[], prompt: string, outputs = ['text']) => ({
  id,
  architecture: { input_modalities: inputs, output_modalities: outputs },
  pricing: { prompt, completion: '0.00001' },
});

describe('models that take what is to be sent', () => {
  const catalogue = catalogueOf(
    entry('a/dear', ['text', 'image', 'audio'], '0.00001'),
    entry('a/free', ['text', 'image'], '0'),
    entry('a/cheap', ['image', 'text'], '0.000001'),
    entry('a/blind', ['text'], '0.0000001'),
    entry('a/painter', ['text', 'image'], '0.0000001', ['image']),
    entry('a/router', ['text', 'image'], '-1'),
    { id: 'a/unknown', pricing: { prompt: '0', completion: '0' } },
    { architecture: { input_modalities: ['text', 'image'] }, pricing: { prompt: '0.1', completion: '0.1' } },
  );

  test.each<readonly [readonly Modality[], readonly string[]]>([
    [['image'], ['a/cheap', 'a/dear', 'a/free']],
    [['text', 'image', 'audio'], ['a/dear']],
    [['file'], []],
  ])('%j: the cheapest come first, free ones last', (inputs, models) => {
    expect(catalogue.taking(inputs)).toEqual(models);
  });
});

describe('what others than OpenRouter list', () => {
  test.each<readonly [string, object, number | null, number | null]>([
    ['Groq', { context_window: 131_072, max_completion_tokens: 65_536 }, 131_072, 65_536],
    ['Mistral', { max_context_length: 32_768 }, 32_768, null],
    ['vLLM', { max_model_len: 8192 }, 8192, null],
    ['llama.cpp', { meta: { n_ctx: 4096, n_ctx_train: 262_144 } }, 4096, null],
    ['llama.cpp before', { meta: { n_ctx_train: 262_144 } }, null, null],
    ['nobody', { context_window: '8k', max_model_len: -1, meta: [] }, null, null],
  ])('%s: the context of a model', (_, listed, contextTokens, maxCompletionTokens) => {
    const facts = catalogueOf({ id: 'm', ...listed }).model('m');
    expect(facts).toMatchObject({ contextTokens, maxCompletionTokens });
  });

  test('a list may stand by itself, as at Together', () => {
    expect(readCatalogue([{ id: 'm', context_length: 9 }])?.model('m')).toMatchObject({ contextTokens: 9 });
    expect(readCatalogue([])?.model('m')).toBeNull();
  });

  test.each(['gemini-3-flash', 'models/gemini-3-flash'])('%s is found with and without models/', (model) => {
    const facts = { contextTokens: 7 };
    expect(catalogueOf({ id: 'models/gemini-3-flash', context_length: 7 }).model(model)).toMatchObject(facts);
    expect(catalogueOf({ id: 'gemini-3-flash', context_length: 7 }).model(model)).toMatchObject(facts);
  });
});

test.each([null, 'x', {}, { data: {} }])('%j is no catalogue', (body) => {
  expect(readCatalogue(body)).toBeNull();
});

describe('the catalogue of a client', () => {
  test.each<readonly [number, unknown, boolean]>([
    [200, { data: [SONNET] }, true],
    [200, 'a page', false],
    [404, { data: [SONNET] }, false],
    [500, {}, false],
  ])('where the list answers %i %j', async (status, body, known) => {
    const asked: string[] = [];
    const server = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      sendJson(response, status, body);
    });
    const client = clientFor(server.url);
    const catalogue = await client.catalogue();
    client.close();
    await server.close();
    expect(asked).toEqual(['GET /api/v1/models']);
    expect(catalogue?.price(SONNET.id) ?? null).toEqual(known ? PRICE : null);
  });

  test('is none if no reply comes', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const client = clientFor(server.url, { retryLimit: 0 });
    expect(await client.catalogue()).toBeNull();
    client.close();
  });
});
