import { describe, expect, test } from '@jest/globals';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/until.ts';
import { call, chat, chatBody, eventsOf, simulatorsForTests, streamedContent, untilRequests } from './support.ts';

const start = simulatorsForTests();
const DOCUMENT = '# Minutes\n\nThe board met. It agreed on the budget.\n';
const CACHE = { 'x-openrouter-cache': 'true', authorization: 'Bearer one' };

function ask(simulator: Simulator, headers: Readonly<Record<string, string>> = CACHE, stream = false) {
  return call(`${simulator.url}/chat/completions`, { method: 'POST', body: chatBody(DOCUMENT, stream), headers });
}

/** One call whose client hangs up as soon as the simulator has it. */
async function hangUp(simulator: Simulator): Promise<void> {
  const patience = new AbortController();
  const waiting = call(`${simulator.url}/chat/completions`, {
    method: 'POST',
    body: chatBody(DOCUMENT),
    headers: CACHE,
    signal: patience.signal,
  });
  await untilRequests(simulator, 1);
  patience.abort();
  await waiting.catch(() => undefined);
}

const bill = (simulator: Simulator) =>
  simulator.billing().map(({ requests, billed, answered }) => ({ requests, billed, answered }));

describe('the same request once more', () => {
  test('gets the same answer with another id, no usage and no bill', async () => {
    const simulator = await start();
    const first = await ask(simulator, { ...CACHE, 'x-openrouter-cache-ttl': '60' });
    const again = await ask(simulator);
    const [made, replayed] = [JSON.parse(first.text), JSON.parse(again.text)];
    expect(first.headers).toMatchObject({ 'x-openrouter-cache-status': 'MISS', 'x-openrouter-cache-ttl': '60' });
    expect(again.headers).toMatchObject({
      'x-openrouter-cache-status': 'HIT',
      'x-openrouter-cache-age': expect.stringMatching(/^\d+$/),
      'x-openrouter-cache-ttl': '60',
      'x-openrouter-cache-source-id': made.id,
      'x-generation-id': replayed.id,
    });
    expect(replayed.id).not.toBe(made.id);
    expect(replayed.choices).toEqual(made.choices);
    expect(replayed.usage).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost: 0 });
    expect(bill(simulator)).toEqual([{ requests: 2, billed: 1, answered: 2 }]);
  });

  test('gets it as a stream too', async () => {
    const simulator = await start();
    const first = await ask(simulator, CACHE, true);
    const again = await ask(simulator, CACHE, true);
    expect(again.headers['x-openrouter-cache-status']).toBe('HIT');
    expect(streamedContent(again.text)).toBe(streamedContent(first.text));
    expect(JSON.parse(eventsOf(again.text).at(-2) ?? '')).toMatchObject({ usage: { total_tokens: 0, cost: 0 } });
  });

  test.each([
    ['streamed', CACHE, true],
    ['under another key', { ...CACHE, authorization: 'Bearer two' }, false],
    ['that does not ask for the cache', { authorization: CACHE.authorization }, false],
    ['that clears the kept answer', { ...CACHE, 'x-openrouter-cache-clear': 'true' }, false],
  ])('is paid for if it is one %s', async (_, headers, stream) => {
    const simulator = await start();
    await ask(simulator);
    const again = await ask(simulator, headers, stream);
    expect(again.headers['x-openrouter-cache-status']).not.toBe('HIT');
    expect(bill(simulator)).toEqual([{ requests: 2, billed: 2, answered: 2 }]);
  });

  test('is paid for if the first one did not ask for the cache', async () => {
    const simulator = await start();
    await chat(simulator, DOCUMENT);
    expect((await ask(simulator)).headers['x-openrouter-cache-status']).toBe('MISS');
  });
});

describe('what is kept', () => {
  test.each([
    { kind: 'status', status: 503 },
    { kind: 'error-in-200' },
    { kind: 'finish-error' },
    { kind: 'no-choices' },
  ] as const)('is no reply that failed: $kind', async (fault) => {
    const simulator = await start({ faults: [{ ...fault, attempts: [1] }] });
    await ask(simulator);
    expect((await ask(simulator)).headers['x-openrouter-cache-status']).toBe('MISS');
  });

  test('is a whole reply, good or not, and no fault meets it again', async () => {
    const simulator = await start({ faults: [{ kind: 'length' }] });
    await ask(simulator);
    const again = await ask(simulator);
    expect(again.headers['x-openrouter-cache-status']).toBe('HIT');
    expect(JSON.parse(again.text).choices[0].finish_reason).toBe('length');
    expect(bill(simulator)).toEqual([{ requests: 2, billed: 1, answered: 0 }]);
  });

  test('is there after a reset', async () => {
    const simulator = await start({ faults: [{ kind: 'reset-after', attempts: [1] }] });
    await expect(ask(simulator)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await ask(simulator)).headers['x-openrouter-cache-status']).toBe('HIT');
  });

  test('is not yet there while it is being made', async () => {
    const simulator = await start({ latency: 3600 });
    await hangUp(simulator);
    simulator.setPlan({});
    expect((await ask(simulator)).headers['x-openrouter-cache-status']).toBe('MISS');
  });

  test('is there later even if its client hung up', async () => {
    const simulator = await start({ latency: 0.05 });
    await hangUp(simulator);
    simulator.setPlan({});
    const madeAt = Date.now() + 50;
    await until('the answer is made', () => Date.now() >= madeAt);
    expect((await ask(simulator)).headers['x-openrouter-cache-status']).toBe('HIT');
    expect(bill(simulator)).toMatchObject([{ requests: 2, billed: 1 }]);
  });
});
