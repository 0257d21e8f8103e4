import { hash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import {
  admin,
  call,
  chat,
  chatBody,
  eventsOf,
  MODEL,
  open,
  simulatorsForTests,
  streamedContent,
  untilRequests,
} from './support.ts';

const start = simulatorsForTests();
const DOCUMENT = '# Minutes\n\nThe board met. It agreed on the budget.\n';

describe('chat/completions', () => {
  test('answers in one JSON body, with id, provider, usage and cost', async () => {
    const simulator = await start();
    const reply = await chat(simulator, DOCUMENT);
    const value = JSON.parse(reply.text);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(value).toMatchObject({ object: 'chat.completion', provider: 'Simulator', model: MODEL });
    expect(value.id).toMatch(/^gen-\d+-[0-9a-z]{20}$/);
    expect(value.id).toBe(reply.headers['x-generation-id']);
    expect(value.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', message: { role: 'assistant' } });
    expect(value.choices[0].message.content).toMatch(
      /^# Minutes\n\nThe board met\. It agreed on the budget\.\n\n_.*simulator/,
    );
    const promptTokens = Math.ceil(DOCUMENT.length / 4);
    const completionTokens = Math.ceil(value.choices[0].message.content.length / 4);
    expect(value.usage).toMatchObject({
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    });
    expect(value.usage.cost).toBeCloseTo(promptTokens * 3e-6 + completionTokens * 15e-6, 10);
  });

  test('streams the same answer: a comment first, the usage just before [DONE]', async () => {
    const simulator = await start();
    const whole = JSON.parse((await chat(simulator, DOCUMENT)).text);
    const reply = await chat(simulator, DOCUMENT, { stream: true });
    expect(reply.headers['content-type']).toBe('text/event-stream');
    expect(reply.text.startsWith(': OPENROUTER PROCESSING\n\n')).toBe(true);
    expect(streamedContent(reply.text)).toBe(whole.choices[0].message.content);
    const events = eventsOf(reply.text);
    expect(events.at(-1)).toBe('[DONE]');
    const last = JSON.parse(events.at(-2) ?? '');
    expect(last).toMatchObject({ object: 'chat.completion.chunk', usage: whole.usage });
    expect(last.choices[0]).toMatchObject({ finish_reason: 'stop', delta: { content: '' } });
  });

  test('takes the text parts of the last user message for the document', async () => {
    const simulator = await start();
    const content = [
      { type: 'text', text: DOCUMENT },
      { type: 'image_url', image_url: { url: 'data:,' } },
    ];
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'before' },
      { role: 'user', content },
    ];
    await call(`${simulator.url}/chat/completions`, { method: 'POST', body: { model: MODEL, messages } });
    expect(simulator.billing()).toMatchObject([{ document: hash('sha256', DOCUMENT) }]);
  });

  test('says 404 for a model that is not in the catalogue', async () => {
    const simulator = await start();
    const body = chatBody(DOCUMENT, true, 'acme/unknown');
    const reply = await call(`${simulator.url}/chat/completions`, { method: 'POST', body });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error).toMatchObject({ code: 404, message: 'No endpoints found for acme/unknown.' });
  });

  test.each(['{', '[]', '{}', '{"messages":[]}'])('says 400 for the body %s', async (body) => {
    const simulator = await start();
    const reply = await call(`${simulator.url}/chat/completions`, { method: 'POST', body });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).error.code).toBe(400);
  });

  test('says 413 for a body over 64 MiB', async () => {
    const simulator = await start();
    const reply = await call(`${simulator.url}/chat/completions`, { method: 'POST', body: ' '.repeat(2 ** 26 + 1) });
    expect(reply.status).toBe(413);
  });

  test('says 401 for the key that is always bad, and bills nothing', async () => {
    const simulator = await start();
    const headers = { authorization: 'Bearer bad-key' };
    const reply = await call(`${simulator.url}/chat/completions`, {
      method: 'POST',
      body: chatBody(DOCUMENT),
      headers,
    });
    expect(reply.status).toBe(401);
    expect(simulator.billing()).toMatchObject([{ requests: 1, billed: 0, costUsd: 0 }]);
  });
});

describe('the generation id', () => {
  test.each([
    ['of an answer', {}, 200],
    ['of a stream', {}, 200],
    ['of an error of the provider', { faults: [{ kind: 'status', status: 502 }] }, 502],
    ['of a call that is turned away', { account: 'refused' }, 401],
  ] as const)('%s stands in the head', async (kind, plan, status) => {
    const simulator = await start(plan);
    const reply = await chat(simulator, DOCUMENT, { stream: kind === 'of a stream' });
    expect(reply.status).toBe(status);
    expect(reply.headers['x-generation-id']).toMatch(/^gen-\d+-[0-9a-f]{12}00000001$/);
  });

  test('comes before the body', async () => {
    const simulator = await start({ faults: [{ kind: 'comments' }] });
    const message = await open(`${simulator.url}/chat/completions`, { method: 'POST', body: chatBody(DOCUMENT, true) });
    expect(message.headers['x-generation-id']).toMatch(/^gen-/);
    message.destroy();
  });
});

describe('limits and account', () => {
  test('one call more than the capacity gets 429 without a hint', async () => {
    const simulator = await start({ latency: 3600, capacity: 1 });
    const waiting = chat(simulator, 'first');
    waiting.catch(() => undefined);
    await untilRequests(simulator, 1);
    const reply = await chat(simulator, 'second');
    expect(reply.status).toBe(429);
    expect(reply.headers['retry-after']).toBeUndefined();
    expect((await admin(simulator, 'load')).value.mostInFlight).toBe(2);
    await simulator.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('a call that ended leaves its place to the next', async () => {
    const simulator = await start({ capacity: 1 });
    expect((await chat(simulator, 'one')).status).toBe(200);
    expect((await chat(simulator, 'two')).status).toBe(200);
  });

  test('one call more than the rate gets 429 with Retry-After', async () => {
    const simulator = await start({ rpm: 1 });
    await chat(simulator, 'first');
    const reply = await chat(simulator, 'second');
    expect(reply.status).toBe(429);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(reply.headers['x-ratelimit-limit']).toBe('1');
  });

  test.each([
    ['refused' as const, 401, 401],
    ['no-credit' as const, 402, 200],
  ])('an account that is %s gets %i for calls and %i for the key', async (account, chatStatus, keyStatus) => {
    const simulator = await start({ account });
    expect((await chat(simulator, DOCUMENT)).status).toBe(chatStatus);
    expect((await call(`${simulator.url}/key`)).status).toBe(keyStatus);
    simulator.setPlan({});
    expect((await chat(simulator, DOCUMENT)).status).toBe(200);
    expect((await call(`${simulator.url}/key`)).status).toBe(200);
  });
});

describe('key and models', () => {
  test("the key says what was spent by the simulator's count", async () => {
    const simulator = await start();
    await chat(simulator, DOCUMENT);
    const { data } = JSON.parse((await call(`${simulator.url}/key`)).text);
    expect(data.usage).toBe(simulator.billing()[0]?.costUsd);
    expect(data.limit_remaining).toBeCloseTo(100 - data.usage, 8);
  });

  test('the key that is always bad is refused here too', async () => {
    const simulator = await start();
    const reply = await call(`${simulator.url}/key`, { headers: { authorization: 'Bearer bad-key' } });
    expect(reply.status).toBe(401);
  });

  test('the models have prices as decimal texts, limits and modalities', async () => {
    const simulator = await start();
    const { data } = JSON.parse((await call(`${simulator.url}/models?sort=price`)).text);
    expect(data.length).toBeGreaterThanOrEqual(6);
    expect(data[0]).toMatchObject({
      id: MODEL,
      context_length: 1_000_000,
      pricing: { prompt: '0.000003', completion: '0.000015' },
      architecture: { input_modalities: ['text', 'image', 'file'] },
      top_provider: { max_completion_tokens: 64_000 },
    });
  });

  test('an unknown path gets 404 in JSON', async () => {
    const simulator = await start();
    const reply = await call(`${simulator.url}/nothing`);
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text).error.code).toBe(404);
  });
});

describe('admin', () => {
  test('bills per document, and forgets on request', async () => {
    const simulator = await start();
    await chat(simulator, 'one');
    await chat(simulator, 'one');
    await chat(simulator, 'two');
    const { value } = await admin(simulator, 'billing');
    expect(value).toMatchObject({ requests: 3, billed: 3 });
    expect(value.documents).toMatchObject([
      { document: hash('sha256', 'one'), requests: 2, answered: 2, billed: 2 },
      { document: hash('sha256', 'two'), requests: 1, answered: 1, billed: 1 },
    ]);
    expect(value.costUsd).toBeCloseTo(value.documents[0].costUsd + value.documents[1].costUsd, 10);
    expect((await admin(simulator, 'billing', { method: 'DELETE' })).status).toBe(204);
    expect((await admin(simulator, 'billing')).value).toMatchObject({
      documents: [],
      requests: 0,
      billed: 0,
      costUsd: 0,
    });
  });

  test('shows the load in total and by the second, and forgets it on request', async () => {
    const simulator = await start({ window: { calls: 2, seconds: 3_600 } });
    for (const text of ['one', 'two', 'three']) await chat(simulator, text);
    const { value } = await admin(simulator, 'load');
    expect(value).toMatchObject({ calls: 3, answered: 2, refused: 1, mostInFlight: 1 });
    const sum = (name: 'answered' | 'refused') =>
      value.seconds.reduce((total: number, second: Record<string, number>) => total + (second[name] ?? 0), 0);
    expect([sum('answered'), sum('refused')]).toEqual([2, 1]);
    expect((await admin(simulator, 'load', { method: 'DELETE' })).status).toBe(204);
    expect((await admin(simulator, 'load')).value).toMatchObject({ calls: 0, answered: 0, refused: 0, seconds: [] });
  });

  test('takes a new plan while it runs, and refuses a wrong one', async () => {
    const simulator = await start();
    const plan = { faults: [{ kind: 'status', status: 503 }] };
    expect(await admin(simulator, 'plan', { method: 'PUT', body: plan })).toEqual({ status: 200, value: plan });
    expect((await chat(simulator, DOCUMENT)).status).toBe(503);
    const refused = await admin(simulator, 'plan', { method: 'PUT', body: { faults: [{ kind: 'nap' }] } });
    expect(refused.status).toBe(400);
    expect(refused.value.error.message).toMatch(/faults\[0\]\.kind "nap" is not known/);
    expect((await admin(simulator, 'plan', { method: 'PUT', body: '{' })).status).toBe(400);
    expect((await admin(simulator, 'plan')).value).toEqual(plan);
  });

  test('lists the calls with what became of them, and without the text', async () => {
    const simulator = await start({ faults: [{ kind: 'status', status: 500, attempts: [1] }] });
    await chat(simulator, DOCUMENT);
    await chat(simulator, DOCUMENT, { stream: true });
    const { value } = await admin(simulator, 'requests');
    const document = hash('sha256', DOCUMENT);
    expect(value).toEqual([
      { at: expect.any(Number), document, attempt: 1, outcome: 'status', model: MODEL, stream: false, hasKey: false },
      { at: expect.any(Number), document, attempt: 2, outcome: 'answer', model: MODEL, stream: true, hasKey: false },
    ]);
  });
});

describe('admin, by the name that the caller gives this machine', () => {
  test.each(['127.0.0.1', '127.0.0.1:4010', '127.9.8.7:1', 'localhost', 'LOCALHOST:80', '[::1]:4010'])(
    'answers %s',
    async (host) => {
      expect((await admin(await start(), 'requests', { headers: { host } })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:4010',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '10.0.0.1',
  ])('refuses %j, which a web page could have made its own, with 403', async (host) => {
    const simulator = await start();
    const plan = { faults: [{ kind: 'hang' }] };
    expect((await admin(simulator, 'requests', { headers: { host } })).status).toBe(403);
    expect((await admin(simulator, 'plan', { method: 'PUT', body: plan, headers: { host } })).status).toBe(403);
    expect((await admin(simulator, 'plan')).value).toEqual({});
  });
});

describe('life', () => {
  test('a port in use is a usage error in words', async () => {
    const simulator = await start();
    const second = startSimulator({ port: simulator.port });
    await expect(second).rejects.toThrow(UsageError);
    await expect(second).rejects.toThrow(/^The simulator cannot listen on 127\.0\.0\.1 port \d+: the port is in use/);
  });

  test('a port out of range is a usage error', async () => {
    await expect(startSimulator({ port: 70_000 })).rejects.toThrow(UsageError);
  });

  test('close cuts idle and waiting connections, and may be called twice', async () => {
    const simulator = await start({ faults: [{ kind: 'comments' }] });
    const idle = connect(simulator.port, '127.0.0.1');
    await once(idle, 'connect');
    const waiting = chat(simulator, DOCUMENT, { stream: true });
    waiting.catch(() => undefined);
    await untilRequests(simulator, 1);
    const idleClosed = once(idle.resume(), 'close');
    await Promise.all([simulator.close(), simulator.close()]);
    await idleClosed;
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
    await simulator.close();
  });
});
