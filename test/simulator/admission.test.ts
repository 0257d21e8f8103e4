import { describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { admin, call, chat, chatBody, simulatorsForTests, untilRequests } from './support.ts';

const start = simulatorsForTests();
const FREE_MODEL = 'meta-llama/llama-3.3-70b-instruct:free';

function ask(simulator: Simulator, fields: object = {}) {
  return call(`${simulator.url}/chat/completions`, { method: 'POST', body: { ...chatBody('hello'), ...fields } });
}

/** A call that stays in flight until the simulator closes. */
async function occupy(simulator: Simulator, fields: object = {}): Promise<void> {
  const before = (await admin(simulator, 'requests')).value.length;
  ask(simulator, fields).catch(() => undefined);
  await untilRequests(simulator, before + 1);
}

function errorOf(text: string) {
  return JSON.parse(text).error;
}

describe('rates', () => {
  test('a window says in whole seconds when there is room, and when it ends', async () => {
    const simulator = await start({ window: { calls: 1, seconds: 3_599.5 } });
    expect((await ask(simulator)).status).toBe(200);
    const { status, headers, text } = await ask(simulator);
    expect([status, errorOf(text).message]).toEqual([429, 'Rate limit exceeded: requests per 3599.5 seconds']);
    expect(headers['retry-after']).toMatch(/^3[56]\d\d$/);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' });
    expect(Number(headers['x-ratelimit-reset'])).toBeLessThanOrEqual(Date.now() + 3_599_500);
  });

  test('an exact window says so to the millisecond', async () => {
    const simulator = await start({ window: { calls: 1, seconds: 3_600.5, hint: 'exact' } });
    await ask(simulator);
    const { 'retry-after': hint } = (await ask(simulator)).headers;
    expect(hint).toMatch(/^3[56]\d\d(?:\.\d{1,3})?$/);
    expect(Number(hint)).toBeLessThanOrEqual(3_600.5);
  });

  test('tokens per minute count the prompt', async () => {
    const simulator = await start({ tpm: 100 });
    expect((await chat(simulator, 'x'.repeat(240))).status).toBe(200);
    const refused = await chat(simulator, 'y'.repeat(164));
    expect([refused.status, errorOf(refused.text).message]).toEqual([429, 'Rate limit exceeded: tokens per minute']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await chat(simulator, 'z'.repeat(160))).status).toBe(200);
  });

  test('a higher limit applies at once, and earlier calls still count', async () => {
    const simulator = await start({ rpm: 1 });
    await ask(simulator);
    expect((await ask(simulator)).status).toBe(429);
    simulator.setPlan({ rpm: 2 });
    expect([(await ask(simulator)).status, (await ask(simulator)).status]).toEqual([200, 429]);
  });
});

describe('calls at once', () => {
  test('a changed capacity applies at once, and counts calls in flight', async () => {
    const plan = { latency: 3_600, capacity: 2 };
    const simulator = await start(plan);
    await occupy(simulator);
    await occupy(simulator);
    expect((await ask(simulator)).status).toBe(429);
    simulator.setPlan({ capacity: 3 });
    expect((await ask(simulator)).status).toBe(200);
    simulator.setPlan({ capacity: 1 });
    expect((await ask(simulator)).status).toBe(429);
  });

  test('calls beyond the slots wait for one, and are neither refused nor billed before', async () => {
    const simulator = await start({ latency: 3_600, slots: 1 });
    await occupy(simulator);
    simulator.setPlan({ slots: 1 });
    const waiting = chat(simulator, 'second');
    await untilRequests(simulator, 2);
    expect(simulator.billing().map((each) => each.billed)).toEqual([1, 0]);
    simulator.setPlan({ slots: 2 });
    expect((await waiting).status).toBe(200);
    expect(simulator.billing().map((each) => each.billed)).toEqual([1, 1]);
  });

  test('a call that is given up leaves its slot to the next', async () => {
    const simulator = await start({ latency: 3_600, slots: 1 });
    const abort = new AbortController();
    const first = chat(simulator, 'first', { signal: abort.signal });
    first.catch(() => undefined);
    await untilRequests(simulator, 1);
    simulator.setPlan({ slots: 1 });
    const second = chat(simulator, 'second');
    await untilRequests(simulator, 2);
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: 'ABORT_ERR' });
    expect((await second).status).toBe(200);
  });
});

/** 1,000 tokens of an answer cost 0.015 USD, the prompt next to nothing. */
function answerOf(tokens: number) {
  return { max_tokens: tokens };
}

describe('money', () => {
  test('the worst case of the calls in flight is reserved, and released', async () => {
    const plan: FaultPlan = { latency: 3_600, spending: { usd: 0.04, hint: 7 } };
    const simulator = await start(plan);
    await occupy(simulator, answerOf(1_000));
    await occupy(simulator, answerOf(1_000));
    const refused = await ask(simulator, answerOf(1_000));
    expect([refused.status, refused.headers['retry-after']]).toEqual([402, '7']);
    expect(errorOf(refused.text).metadata).toMatchObject({
      error_type: 'payment_required',
      limit_source: 'openrouter_in_flight_budget',
      reason: 'in_flight_budget_exhausted',
    });
    simulator.setPlan({ ...plan, latency: 0 });
    expect((await ask(simulator, answerOf(500))).status).toBe(200);
    expect((await ask(simulator, answerOf(500))).status).toBe(200);
  });

  test('one call that alone is above the budget gets no hint', async () => {
    const simulator = await start({ spending: { usd: 0.01 } });
    const { status, headers, text } = await ask(simulator, answerOf(1_000));
    expect([status, headers['retry-after']]).toEqual([402, undefined]);
    expect(errorOf(text).metadata).toMatchObject({
      limit_source: 'openrouter_credits',
      reason: 'weight_exceeds_budget',
    });
  });

  test('a free model needs no budget', async () => {
    const simulator = await start({ spending: { usd: 0 } });
    expect((await ask(simulator, { model: FREE_MODEL })).status).toBe(200);
  });

  test.each([
    [{ prompt: 3, completion: 15 }, 200],
    [{ prompt: '3', completion: '15' }, 200],
    [{ prompt: 2.9 }, 404],
    [{ completion: '14.99' }, 404],
    [{}, 200],
  ])('max_price %j meets the price of 3 and 15 USD per million with %i', async (price, status) => {
    const simulator = await start();
    const reply = await ask(simulator, { provider: { max_price: price } });
    expect(reply.status).toBe(status);
  });

  test('says that the max price is the reason', async () => {
    const simulator = await start();
    const reply = await ask(simulator, { provider: { max_price: { prompt: 1 } } });
    expect(errorOf(reply.text)).toMatchObject({ code: 404, message: 'No endpoints found that meet the max price.' });
  });
});

describe('the daily quota', () => {
  test('is for free models, and says in head and body when the day ends', async () => {
    const simulator = await start({ dailyQuota: 1 });
    expect((await ask(simulator, { model: FREE_MODEL })).status).toBe(200);
    const { status, headers, text } = await ask(simulator, { model: FREE_MODEL });
    const { message, metadata } = errorOf(text);
    expect([status, message]).toEqual([429, 'Rate limit exceeded: free-models-per-day']);
    const reset = Number(headers['x-ratelimit-reset']);
    expect(reset % 86_400_000).toBe(0);
    expect(reset).toBeGreaterThan(Date.now() - 60_000);
    expect(metadata.headers).toEqual({
      'X-RateLimit-Limit': '1',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(reset),
    });
    expect((await ask(simulator)).status).toBe(200);
    const { data } = JSON.parse((await call(`${simulator.url}/key`)).text);
    expect(data.free_model_daily_requests).toEqual({ limit: 1, remaining: 0, used: 1 });
  });
});
