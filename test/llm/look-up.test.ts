import { expect, test } from '@jest/globals';
import { resolveApi } from '../../src/llm/api.ts';
import type { LlmSettings } from '../../src/llm/llm.ts';
import { clientFor, sendJson, serve } from './support.ts';

type Replies = Readonly<Record<string, readonly [number, unknown]>>;

/** What a look sees at a server with these replies by path; others are 404. */
async function look(scope: 'account' | 'model', model: string, replies: Replies, settings: Partial<LlmSettings> = {}) {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [status, body] = replies[request.url ?? ''] ?? [404, { error: { code: 404, message: 'no such path' } }];
    sendJson(response, status, body);
  });
  const api = settings.api && { ...settings.api, baseUrl: `${server.url}/api/v1` };
  const client = clientFor(server.url, { ...settings, ...(api && { api }) });
  const accepted = await client.look(scope, model);
  client.close();
  await server.close();
  return { accepted, asked };
}

const KEY = '/api/v1/key';
const MODELS = '/api/v1/models';
const LIST = { data: [{ id: 'a/b' }, { id: 'c/d:free' }, { id: 'llama3:latest' }, null, {}] };

test.each([
  ['it has no limit', { limit_remaining: null }, 'a/b', true],
  ['something is left', { limit_remaining: 0.5 }, 'a/b', true],
  ['nothing is left', { limit_remaining: 0 }, 'a/b', false],
  ['free requests are left', { free_model_daily_requests: { remaining: 4 } }, 'c/d:free', true],
  ['no free requests are left', { free_model_daily_requests: { remaining: 0 } }, 'c/d:free', false],
  ['no free requests are left, but the model is paid', { free_model_daily_requests: { remaining: 0 } }, 'a/b', true],
])('the account, where %s', async (_, data, model, accepted) => {
  expect(await look('account', model, { [KEY]: [200, { data }] })).toEqual({ accepted, asked: [`GET ${KEY}`] });
});

test.each([401, 402, 403])('the account is refused by status %i, whatever the list of models', async (status) => {
  const replies: Replies = { [KEY]: [status, {}], [MODELS]: [200, LIST] };
  expect(await look('account', 'a/b', replies)).toEqual({ accepted: false, asked: [`GET ${KEY}`] });
});

test.each<readonly [number, unknown]>([
  [400, {}],
  [405, {}],
  [429, {}],
  [500, {}],
  [302, {}],
  [200, 'a page'],
  [200, {}],
])('the account goes by the list of models where /key answers %i %j', async (status, body) => {
  const asked = [`GET ${KEY}`, `GET ${MODELS}`];
  const replies: Replies = { [KEY]: [status, body] };
  expect(await look('account', 'a/b', { ...replies, [MODELS]: [200, LIST] })).toEqual({ accepted: true, asked });
  expect(await look('account', 'a/b', { ...replies, [MODELS]: [401, {}] })).toEqual({ accepted: false, asked });
});

test('the account of an API without /key goes by its list of models', async () => {
  expect(await look('account', 'a/b', { [MODELS]: [200, LIST] })).toEqual({
    accepted: true,
    asked: [`GET ${KEY}`, `GET ${MODELS}`],
  });
  expect(await look('account', 'a/b', { [MODELS]: [401, {}] })).toMatchObject({ accepted: false });
});

test.each(['openai', 'ollama'])('the account of %s goes by its list of models at once', async (name) => {
  const settings = { api: resolveApi(name) };
  expect(await look('account', 'a/b', { [MODELS]: [200, LIST] }, settings)).toEqual({
    accepted: true,
    asked: [`GET ${MODELS}`],
  });
});

test.each([
  ['a/b', true],
  ['a/b:nitro', true],
  ['a/b:free', true],
  ['c/d:free', true],
  ['c/d', false],
  ['llama3', true],
  ['a/typo', false],
])('the model %s is on offer: %s', async (model, accepted) => {
  expect(await look('model', model, { [MODELS]: [200, LIST] })).toEqual({ accepted, asked: [`GET ${MODELS}`] });
});

test.each(['gemini-3-flash', 'models/gemini-3-flash'])(
  '%s is on offer where models/ stands before its name',
  async (model) => {
    expect(await look('model', model, { [MODELS]: [200, [{ id: 'models/gemini-3-flash' }]] })).toMatchObject({
      accepted: true,
    });
  },
);

test.each(['~anthropic/claude-sonnet-latest', '@preset/minutes'])(
  'the next call tells whether %s is on offer, which no list names',
  async (model) => {
    expect(await look('model', model, { [MODELS]: [200, LIST] })).toEqual({ accepted: true, asked: [] });
  },
);

test('a model is not on offer where the list cannot be had', async () => {
  expect(await look('model', 'a/b', { [MODELS]: [500, LIST] })).toMatchObject({ accepted: false });
  expect(await look('model', 'a/b', { [MODELS]: [200, 'x'] })).toMatchObject({ accepted: false });
});

test('a look at an API that does not answer sees nothing, and does not fail', async () => {
  const server = await serve(() => undefined);
  await server.close();
  const client = clientFor(server.url, { retryLimit: 0 });
  expect(await client.look('account', 'a/b')).toBe(false);
  expect(await client.look('model', 'a/b')).toBe(false);
  client.close();
});
