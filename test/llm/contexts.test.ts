import { expect, test } from '@jest/globals';
import type { ModelFacts } from '../../src/domain/models.ts';
import { resolveApi } from '../../src/llm/api.ts';
import { recognise } from '../../src/llm/llm.ts';
import { clientFor, sendJson, serve } from './support.ts';

type Replies = Readonly<Record<string, unknown>>;

const LIST = { '/v1/models': { data: [{ id: 'qwen3:8b' }, { id: 'llama3:latest' }] } };

/** What is known of models at a server with these replies by path; others are 404. */
async function factsAt(name: string, replies: Replies, ...models: readonly string[]) {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    const { url = '' } = request;
    asked.push(url);
    const body = replies[url];
    if (body === undefined) sendJson(response, 404, { error: { message: `no ${url}` } });
    else sendJson(response, 200, body);
  });
  const client = clientFor(server.url, { api: { ...resolveApi(name), baseUrl: `${server.url}/v1` } });
  const catalogue = await client.catalogue();
  client.close();
  await server.close();
  const facts: readonly (ModelFacts | null)[] = models.map((model) => catalogue?.model(model) ?? null);
  return { asked, contexts: facts.map((known) => known?.contextTokens ?? null), facts };
}

const OLLAMA = {
  models: [
    { name: 'llama3:latest', model: 'llama3:latest', context_length: 4096 },
    { name: 'phi:1', context_length: 'long' },
    null,
  ],
};

test('Ollama tells the context of what runs now', async () => {
  const { asked, contexts } = await factsAt(
    'ollama',
    { ...LIST, '/api/ps': OLLAMA },
    'llama3',
    'llama3:latest',
    'qwen3:8b',
    'phi:1',
  );
  expect(contexts).toEqual([4096, 4096, null, null]);
  expect(asked).toEqual(['/v1/models', '/api/ps']);
});

const LOADED = { key: 'qwen/qwen3', max_context_length: 183_296 };
const instances = (...lengths: readonly number[]) => ({
  models: [
    {
      ...LOADED,
      loaded_instances: lengths.map((context_length, index) => ({ id: `it:${index}`, config: { context_length } })),
    },
    { key: 'other', loaded_instances: [] },
  ],
});

test.each<readonly [string, Replies, readonly (number | null)[]]>([
  ['as it is loaded', { '/api/v1/models': instances(40_000) }, [40_000, 40_000, null, null]],
  ['the smaller one of two', { '/api/v1/models': instances(40_000, 8192) }, [8192, 40_000, 8192, null]],
  [
    'by its older list',
    { '/api/v0/models': { data: [{ id: 'qwen/qwen3', loaded_context_length: 9000, max_context_length: 183_296 }] } },
    [9000, null, null, null],
  ],
  ['not at all', {}, [null, null, null, null]],
])('LM Studio tells the context of a model %s', async (_, replies, contexts) => {
  const found = await factsAt('lmstudio', { ...LIST, ...replies }, 'qwen/qwen3', 'it:0', 'it:1', 'other');
  expect(found.contexts).toEqual(contexts);
});

const PROPERTIES = { default_generation_settings: { n_ctx: 8192 } };

test.each<readonly [string, Replies, readonly (number | null)[]]>([
  ['/v1/props', { '/v1/props': PROPERTIES }, [8192, 8192]],
  ['/props', { '/props': PROPERTIES }, [8192, 8192]],
  ['its list of models', { '/v1/models': { data: [{ id: 'qwen3:8b', meta: { n_ctx: 512 } }] } }, [512, null]],
])('llama.cpp tells the context by %s', async (_, replies, contexts) => {
  expect((await factsAt('llamacpp', { ...LIST, ...replies }, 'qwen3:8b', 'any')).contexts).toEqual(contexts);
});

test('of an API that has loaded nothing of one’s own, no more than its list is asked', async () => {
  for (const name of ['vllm', 'openai']) expect((await factsAt(name, LIST)).asked).toEqual(['/v1/models']);
});

test.each([
  ['openrouter', { name: 'openrouter', routes: true }],
  ['gemini', { name: 'gemini', context: 'models', inputs: ['text', 'image', 'audio'] }],
  ['another one', { name: 'custom', routes: false }],
  [null, { name: 'custom', routes: false }],
])('a server on this machine that says it is a simulator of %j is sent what that takes', async (plays, expected) => {
  const server = await serve((_, response) => {
    sendJson(response, 200, { data: [] }, plays === null ? {} : { 'x-sluice-simulator': plays });
  });
  const api = await recognise(resolveApi(`${server.url}/v1`), '0.0.0');
  await server.close();
  expect(api).toMatchObject({ ...expected, baseUrl: `${server.url}/v1`, identity: `${server.url}/v1`, loopback: true });
});

test('a server that is not there yet is sent what all take', async () => {
  const server = await serve(() => undefined);
  await server.close();
  const api = resolveApi(`${server.url}/v1`);
  expect(await recognise(api, '0.0.0')).toEqual(api);
});
