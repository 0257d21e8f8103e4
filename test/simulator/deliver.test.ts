import { on, once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../src/simulator/fault-plan.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import {
  admin,
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
const DOCUMENT = '# Minutes\n\nThe board met. It agreed on the budget. All went home.\n';

/** The reply to one call that meets a fault, with the simulator that gave it. */
async function met(fault: Fault, stream = false) {
  const simulator = await start({ faults: [fault] });
  return { simulator, reply: await chat(simulator, DOCUMENT, { stream }) };
}

function bill(simulator: Simulator) {
  const [document] = simulator.billing();
  return { answered: document?.answered, billed: document?.billed, cost: (document?.costUsd ?? 0) > 0 };
}

const UNBILLED = { answered: 0, billed: 0, cost: false };
const LOST = { answered: 0, billed: 1, cost: true };
const PAID = { answered: 1, billed: 1, cost: true };

describe('status', () => {
  test.each([400, 403, 404, 408, 409, 413, 422, 425, 429, 500, 502, 503, 504, 520, 524, 529])(
    "%i in the API's shape",
    async (status) => {
      const { simulator, reply } = await met({ kind: 'status', status });
      expect(reply.status).toBe(status);
      expect(JSON.parse(reply.text).error).toMatchObject({
        code: status,
        message: expect.any(String),
        metadata: { error_type: expect.any(String) },
      });
      expect(bill(simulator)).toEqual(UNBILLED);
    },
  );

  test.each([
    [3, '3'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['abc', 'abc'],
  ])('sends Retry-After %s', async (retryAfter, expected) => {
    const { reply } = await met({ kind: 'status', status: 429, retryAfter, retryAfterMs: 1500 });
    expect(reply.headers).toMatchObject({ 'retry-after': expected, 'retry-after-ms': '1500' });
  });

  test('carries the message and metadata that the plan gives', async () => {
    const metadata = { limit_source: 'openrouter_in_flight_budget' };
    const headers = { 'X-RateLimit-Reset': '1743292800000' };
    const { reply } = await met({ kind: 'status', status: 402, message: 'busy', metadata, headers });
    expect(reply.headers['x-ratelimit-reset']).toBe('1743292800000');
    expect(JSON.parse(reply.text).error).toEqual({
      code: 402,
      message: 'busy',
      metadata: { error_type: 'payment_required', ...metadata },
    });
  });

  test('has a web page or nothing for a body if the plan says so', async () => {
    const page = await met({ kind: 'status', status: 503, body: 'html' });
    expect(page.reply.headers['content-type']).toMatch(/^text\/html/);
    expect(page.reply.text).toMatch(/^<!DOCTYPE html>/);
    const nothing = await met({ kind: 'status', status: 503, body: 'empty' });
    expect(nothing.reply.text).toBe('');
  });

  test('204 is a whole reply without a body', async () => {
    const { reply } = await met({ kind: 'status', status: 204 });
    expect([reply.status, reply.text]).toEqual([204, '']);
  });
});

describe('no reply', () => {
  test.each([
    ['reset-before' as const, UNBILLED],
    ['reset-after' as const, LOST],
  ])('%s cuts the connection', async (kind, billing) => {
    const simulator = await start({ faults: [{ kind }] });
    await expect(chat(simulator, DOCUMENT)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(bill(simulator)).toEqual(billing);
  });

  test.each([
    ['hang' as const, UNBILLED],
    ['slow-headers' as const, LOST],
  ])('%s is silent until the client gives up', async (kind, billing) => {
    const simulator = await start({ faults: [{ kind, seconds: 3600 }] });
    const patience = new AbortController();
    const waiting = chat(simulator, DOCUMENT, { signal: patience.signal });
    waiting.catch(() => undefined);
    await untilRequests(simulator, 1);
    patience.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(bill(simulator)).toEqual(billing);
  });

  test('a call that is given up during the latency is billed anyway', async () => {
    const simulator = await start({ latency: 3600 });
    const patience = new AbortController();
    const waiting = chat(simulator, DOCUMENT, { signal: patience.signal });
    waiting.catch(() => undefined);
    await untilRequests(simulator, 1);
    patience.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(bill(simulator)).toEqual(LOST);
  });
});

describe('slow but good', () => {
  test.each([
    ['slow-headers' as const, false],
    ['slow-headers' as const, true],
    ['drip' as const, false],
    ['drip' as const, true],
    ['padding' as const, false],
    ['padding' as const, true],
  ])('%s brings the whole answer (streamed: %p)', async (kind, stream) => {
    const { simulator, reply } = await met({ kind, seconds: 0.15 }, stream);
    const content = stream ? streamedContent(reply.text) : JSON.parse(reply.text).choices[0].message.content;
    expect(content).toMatch(/^# Minutes\n\nThe board met\..*\n\n_.*_$/);
    expect(bill(simulator)).toEqual(PAID);
  });

  test('padding is whitespace before the JSON, and comments in a stream', async () => {
    const whole = await met({ kind: 'padding', seconds: 0 });
    expect(whole.reply.text).toMatch(/^\s+\{/);
    const streamed = await met({ kind: 'padding', seconds: 0 }, true);
    expect(streamed.reply.text).toMatch(/^(?:: OPENROUTER PROCESSING\n\n){2}data: /);
  });

  test('a drip arrives in many parts', async () => {
    const { reply } = await met({ kind: 'drip', seconds: 0.15 });
    expect(reply.reads).toBeGreaterThan(1);
  });

  test('a drip of no seconds is whole', async () => {
    const { reply } = await met({ kind: 'drip', seconds: 0 });
    expect(JSON.parse(reply.text).choices).toHaveLength(1);
  });

  test.each([
    [true, ': OPENROUTER PROCESSING'],
    [false, '     '],
  ])('comments never end (streamed: %p)', async (stream, beginning) => {
    const simulator = await start({ faults: [{ kind: 'comments' }] });
    const message = await open(`${simulator.url}/chat/completions`, {
      method: 'POST',
      body: chatBody(DOCUMENT, stream),
    });
    const parts = on(message, 'data');
    const [[first], [second], [third]] = [
      (await parts.next()).value,
      (await parts.next()).value,
      (await parts.next()).value,
    ];
    expect(Buffer.concat([first, second, third]).toString().split(beginning).length).toBeGreaterThan(3);
    const closed = once(message, 'close');
    message.destroy();
    await closed;
    expect(bill(simulator)).toEqual(UNBILLED);
  });
});

describe('200 without an answer', () => {
  test.each([false, true])('blank is only whitespace (streamed: %p)', async (stream) => {
    const { simulator, reply } = await met({ kind: 'blank' }, stream);
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(/^\s+$/);
    expect(bill(simulator)).toEqual(UNBILLED);
  });

  test.each(['cut-json', 'cut-sse'] as const)('%s, not streamed, ends inside the JSON', async (kind) => {
    const { simulator, reply } = await met({ kind });
    expect(reply.text).toMatch(/^\{"id":"gen-/);
    expect(() => JSON.parse(reply.text)).toThrow(SyntaxError);
    expect(bill(simulator)).toEqual(LOST);
  });

  test('cut-json, streamed, ends inside an event', async () => {
    const { simulator, reply } = await met({ kind: 'cut-json' }, true);
    expect(() => JSON.parse(eventsOf(reply.text).at(-1) ?? '')).toThrow(SyntaxError);
    expect(bill(simulator)).toEqual(LOST);
  });

  test('cut-sse, streamed, ends between events, with neither finish reason nor [DONE]', async () => {
    const { simulator, reply } = await met({ kind: 'cut-sse' }, true);
    const events = eventsOf(reply.text);
    expect(reply.text.endsWith('\n\n')).toBe(true);
    expect(events.map((data) => JSON.parse(data).choices[0].finish_reason)).toEqual([null, null]);
    expect(bill(simulator)).toEqual(LOST);
  });

  test('error-in-200 has an error and no choices', async () => {
    const { simulator, reply } = await met({ kind: 'error-in-200', status: 429, message: 'busy' });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code: 429, message: 'busy' } });
    expect(JSON.parse(reply.text)).not.toHaveProperty('choices');
    expect(bill(simulator)).toEqual(UNBILLED);
  });

  test('error-in-200, streamed, is the first and only event', async () => {
    const { reply } = await met({ kind: 'error-in-200' }, true);
    const [event, ...more] = eventsOf(reply.text);
    expect(JSON.parse(event ?? '')).toMatchObject({ error: { code: 502 }, choices: [{ finish_reason: 'error' }] });
    expect(more).toEqual([]);
  });

  test('mid-stream-error brings half the answer, then an error, then nothing', async () => {
    const { simulator, reply } = await met({ kind: 'mid-stream-error', status: 503 }, true);
    expect(streamedContent(reply.text)).toMatch(/^# Minutes/);
    const last = JSON.parse(eventsOf(reply.text).at(-1) ?? '');
    expect(last).toMatchObject({ error: { code: 503 }, choices: [{ finish_reason: 'error' }] });
    expect(bill(simulator)).toEqual(UNBILLED);
  });

  test.each(['mid-stream-error', 'finish-error'] as const)(
    '%s, not streamed, has the error inside the choice',
    async (kind) => {
      const { reply } = await met({ kind });
      expect(JSON.parse(reply.text).choices[0]).toMatchObject({ finish_reason: 'error', error: { code: 502 } });
    },
  );

  test('finish-error, streamed, has the error inside the choice', async () => {
    const { reply } = await met({ kind: 'finish-error' }, true);
    const events = eventsOf(reply.text);
    expect(JSON.parse(events.at(-2) ?? '').choices[0]).toMatchObject({ finish_reason: 'error', error: { code: 502 } });
    expect(events.at(-1)).toBe('[DONE]');
  });

  test('no-choices has an empty list of them', async () => {
    const whole = await met({ kind: 'no-choices' });
    expect(JSON.parse(whole.reply.text).choices).toEqual([]);
    const streamed = await met({ kind: 'no-choices' }, true);
    const events = eventsOf(streamed.reply.text);
    expect([JSON.parse(events[0] ?? '').choices, events[1]]).toEqual([[], '[DONE]']);
  });

  test('html is a web page', async () => {
    const { reply } = await met({ kind: 'html' });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('gzip-bomb is small on the wire and 512 MiB unpacked', async () => {
    const { reply } = await met({ kind: 'gzip-bomb' });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(reply.body.length).toBeLessThan(2 ** 20);
    const member = reply.body.subarray(0, reply.body.length / 512);
    expect(gunzipSync(member)).toHaveLength(2 ** 20);
    expect(reply.body.subarray(-member.length).equals(member)).toBe(true);
    expect(() => gunzipSync(reply.body, { maxOutputLength: 2 ** 21 })).toThrow(/larger than/);
  });

  test('redirect points at another path', async () => {
    const { simulator, reply } = await met({ kind: 'redirect' });
    expect([reply.status, reply.headers.location]).toEqual([307, '/api/v1/elsewhere']);
    expect((await admin(simulator, 'requests')).value).toHaveLength(1);
  });
});

describe('spoilt answers, streamed and not', () => {
  test.each([
    ['empty', 'stop', /^$/, LOST],
    ['length', 'length', /^# Minutes/, LOST],
    ['length-empty', 'length', /^$/, LOST],
    ['content-filter', 'content_filter', /^# Minutes/, LOST],
    ['no-usage', 'stop', /^# Minutes/, PAID],
    ['wrong-model', 'stop', /^# Minutes/, PAID],
  ] as const)('%s finishes with %s', async (kind, finishReason, content, billing) => {
    const whole = await met({ kind });
    const choice = JSON.parse(whole.reply.text).choices[0];
    expect(choice.finish_reason).toBe(finishReason);
    expect(choice.message.content).toMatch(content);
    const streamed = await met({ kind }, true);
    expect(streamedContent(streamed.reply.text)).toBe(choice.message.content);
    expect(streamed.reply.text).toContain(`"finish_reason":"${finishReason}"`);
    expect(streamed.reply.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect([bill(whole.simulator), bill(streamed.simulator)]).toEqual([billing, billing]);
  });

  test('a refusal has no content and says so', async () => {
    const whole = await met({ kind: 'refusal' });
    expect(JSON.parse(whole.reply.text).choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: null, refusal: expect.any(String) },
    });
    const streamed = await met({ kind: 'refusal' }, true);
    expect(JSON.parse(eventsOf(streamed.reply.text)[0] ?? '').choices[0].delta.refusal).toEqual(expect.any(String));
  });

  test('no-usage is silent about usage, streamed and not', async () => {
    const whole = await met({ kind: 'no-usage' });
    const streamed = await met({ kind: 'no-usage' }, true);
    expect(whole.reply.text + streamed.reply.text).not.toContain('"usage"');
  });

  test('wrong-model names another model than asked, and bills its price', async () => {
    const { simulator, reply } = await met({ kind: 'wrong-model' });
    const value = JSON.parse(reply.text);
    expect(value.model).not.toBe(MODEL);
    expect(simulator.billing()[0]?.costUsd).toBe(value.usage.cost);
  });

  test('length-empty spent every token on reasoning', async () => {
    const { reply } = await met({ kind: 'length-empty' });
    const { usage } = JSON.parse(reply.text);
    expect(usage.completion_tokens).toBeGreaterThan(0);
    expect(usage.completion_tokens_details.reasoning_tokens).toBe(usage.completion_tokens);
  });
});
