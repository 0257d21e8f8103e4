import { expect, test } from '@jest/globals';
import { type Api, resolveApi } from '../../src/llm/api.ts';
import type { LlmSettings } from '../../src/llm/llm.ts';
import { Catalogues } from '../../src/run/money.ts';
import { sendJson, serve } from '../llm/support.ts';

const settingsFor = (api: Api): LlmSettings => ({
  api,
  key: null,
  maxTokens: 1,
  reasoning: null,
  stream: false,
  timeoutSeconds: 10,
  idleTimeoutSeconds: 10,
  replayCache: false,
  connections: 1,
  version: '0',
});

test('what an API said about its models holds, whatever a later look brings', async () => {
  const list = { data: [{ id: 'a/b', pricing: { prompt: '1', completion: '2' } }] };
  const replies: [number, object][] = [
    [503, {}],
    [404, {}],
    [200, list],
    [503, {}],
    [404, {}],
  ];
  const server = await serve((_, response) => sendJson(response, ...(replies.shift() ?? [500, {}])));
  const settings = settingsFor(resolveApi(`${server.url}/api/v1`));
  const catalogues = new Catalogues();
  const prices: unknown[] = [];
  while (replies.length > 0) {
    const catalogue = await catalogues.of(settings);
    prices.push(catalogue === null ? 'not reached' : (catalogue.price('a/b')?.prompt ?? 'unknown'));
  }
  await server.close();
  expect(prices).toEqual(['not reached', 'unknown', 1, 1, 1]);
  expect(catalogues.last(settings.api)?.price('a/b')?.prompt).toBe(1);
});
