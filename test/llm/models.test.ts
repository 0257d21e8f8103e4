import { describe, expect, test } from '@jest/globals';
import { resolveApi } from '../../src/llm/api.ts';
import { type Catalogue, createModels, readCatalogue } from '../../src/llm/catalogue.ts';
import { clientFor, sendJson, serve } from './support.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

const listed = (contextTokens: number): Catalogue | null =>
  readCatalogue({ data: [{ id: 'a/b', context_length: contextTokens }] });

/** Models whose list each look brings as it comes from here. */
function modelsTold() {
  const looks: ((comes: Catalogue | null) => void)[] = [];
  let now = 0;
  const load = () => new Promise<Catalogue | null>((resolve) => looks.push(resolve));
  const models = createModels(resolveApi('openrouter'), load, () => now);
  return {
    models,
    looks,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** What is known of the model, by the look that this starts if any. */
    contextTokens: async (comes: Catalogue | null) => {
      const before = looks.length;
      const facts = models.facts('a/b');
      if (looks.length > before) looks.at(-1)?.(comes);
      return (await facts)?.contextTokens ?? null;
    },
  };
}

describe('the models of an API', () => {
  test('are asked for when they are first needed, and once for all who wait', async () => {
    const { models, looks } = modelsTold();
    expect(looks).toHaveLength(0);
    const facts = Promise.all([models.facts('a/b'), models.facts('a/c')]);
    expect(looks).toHaveLength(1);
    looks[0]?.(listed(1));
    expect(await facts).toMatchObject([{ contextTokens: 1 }, null]);
    expect(await models.taking(['text'])).toEqual([]);
    expect(looks).toHaveLength(1);
  });

  test('are asked for again after an hour', async () => {
    const { contextTokens, pass } = modelsTold();
    expect(await contextTokens(listed(1))).toBe(1);
    pass(HOUR - 1);
    expect(await contextTokens(listed(2))).toBe(1);
    pass(1);
    expect(await contextTokens(listed(3))).toBe(3);
  });

  test('are asked for again a minute after nothing came, and what was known holds', async () => {
    const { contextTokens, pass } = modelsTold();
    expect(await contextTokens(null)).toBeNull();
    pass(MINUTE - 1);
    expect(await contextTokens(listed(1))).toBeNull();
    pass(1);
    expect(await contextTokens(listed(2))).toBe(2);
    pass(HOUR);
    expect(await contextTokens(null)).toBe(2);
    pass(MINUTE);
    expect(await contextTokens(listed(3))).toBe(3);
  });

  test('are reached once something came, and stay so', async () => {
    const { models, contextTokens, pass } = modelsTold();
    const reached = () => models.reached();
    await contextTokens(null);
    expect(await reached()).toBe(false);
    pass(MINUTE);
    await contextTokens(listed(1));
    expect(await reached()).toBe(true);
    pass(HOUR);
    await contextTokens(null);
    expect(await reached()).toBe(true);
  });

  test('are named five at most', async () => {
    const data = Array.from({ length: 9 }, (_, index) => ({
      id: `a/${index}`,
      architecture: { input_modalities: ['image'] },
      pricing: { prompt: `0.00000${index + 1}`, completion: '0' },
    }));
    const models = createModels(resolveApi('openai'), async () => readCatalogue({ data }));
    expect(models.routes).toBe(false);
    expect(await models.taking(['image'])).toEqual(['a/0', 'a/1', 'a/2', 'a/3', 'a/4']);
  });
});

test.each([
  [200, { data: [{ id: 'a/b', context_length: 5 }] }, 5, true],
  [200, { models: [] }, null, true],
  [404, {}, null, true],
  [401, {}, null, true],
  [501, {}, null, true],
  [408, {}, null, false],
  [429, {}, null, false],
  [503, {}, null, false],
])('the models of a client come from its list: %i %j', async (status, body, contextTokens, reached) => {
  const asked: unknown[] = [];
  const server = await serve((request, response) => {
    asked.push(request.url);
    sendJson(response, status, body);
  });
  const client = clientFor(server.url);
  const models = createModels(resolveApi('openrouter'), () => client.catalogue());
  const facts = await models.facts('a/b');
  expect(await models.reached()).toBe(reached);
  client.close();
  await server.close();
  expect(facts?.contextTokens ?? null).toBe(contextTokens);
  expect(asked).toEqual(['/api/v1/models']);
});
