import { describe, expect, test } from '@jest/globals';
import type { Price } from '../../../src/domain/ports.ts';
import { answerBody, attemptAgainst, chunkBody, events, PROMPT, sendJson, serve } from '../support.ts';

const PRICE: Price = { prompt: 0.000003, completion: 0.000015, request: 0.001 };
const TOKENS = { prompt_tokens: 1000, completion_tokens: 100 };

/** What the record says of the cost of a reply, where the prices are these. */
async function costOf(
  body: object | string,
  price: Price | null = PRICE,
  headers: Record<string, string> = {},
  others: Readonly<Record<string, Price>> = {},
) {
  const server = serve((_, response) => {
    if (typeof body === 'string') response.writeHead(200, headers).end(body);
    else sendJson(response, 200, body, headers);
  });
  const prices = { of: (model: string) => others[model] ?? (model === PROMPT.model ? price : null) };
  const { record } = await attemptAgainst(server, { prices });
  return record.costUsd;
}

describe('the cost of an answer', () => {
  test('is worked out from its tokens where the API does not tell it', async () => {
    expect(await costOf(answerBody('x', { usage: TOKENS }))).toBeCloseTo(0.0055, 9);
  });

  test.each([
    ['in full where their price is not known', PRICE, 0.0055],
    ['by their own price', { ...PRICE, cachedPrompt: 0.000_000_3 }, 0.003_07],
  ])('counts tokens from a cache %s', async (_, price, cost) => {
    const usage = { ...TOKENS, prompt_tokens_details: { cached_tokens: 900 } };
    expect(await costOf(answerBody('x', { usage }), price)).toBeCloseTo(cost, 9);
  });

  test.each([
    ['that served', 'a/fallback', 0.11],
    ['that was asked, as the price of the one that served is not known', 'a/unknown', 0.0055],
  ])('goes by the price of the model %s', async (_, model, cost) => {
    const others = { 'a/fallback': { prompt: 0.0001, completion: 0.0001, request: 0 } };
    expect(await costOf(answerBody('x', { usage: TOKENS, model }), PRICE, {}, others)).toBeCloseTo(cost, 9);
  });

  test('is known of a model that stands in where that of the one that was asked is not', async () => {
    const others = { 'a/fallback': PRICE };
    expect(await costOf(answerBody('x', { usage: TOKENS, model: 'a/fallback' }), null, {}, others)).toBeCloseTo(
      0.0055,
      9,
    );
  });

  test('is what the API tells, also where that is nothing', async () => {
    expect(await costOf(answerBody('x', { usage: { ...TOKENS, cost: 0.25, is_byok: false } }))).toBe(0.25);
    expect(await costOf(answerBody('x', { usage: { ...TOKENS, cost: 0, cost_details: {} } }))).toBe(0);
  });

  test('is nothing where the model is known to be free', async () => {
    expect(await costOf(answerBody('x', { usage: TOKENS }), { prompt: 0, completion: 0, request: 0 })).toBe(0);
  });

  test('is nothing where the answer was kept', async () => {
    const headers = { 'x-openrouter-cache-status': 'HIT' };
    expect(await costOf(answerBody('x', { usage: TOKENS }), PRICE, headers)).toBe(0);
  });

  test.each([
    ['no price is known', answerBody('x', { usage: TOKENS }), null],
    ['no tokens are told', answerBody('x', { usage: undefined }), PRICE],
    ['only those of the prompt are told', answerBody('x', { usage: { prompt_tokens: 1000 } }), PRICE],
    [
      'the answer was cut, so that more may be billed',
      events(chunkBody({ content: 'x' }, null, { usage: TOKENS })),
      PRICE,
    ],
  ])('is unknown where %s', async (_, body, price) => {
    expect(await costOf(body, price)).toBeNull();
  });
});
