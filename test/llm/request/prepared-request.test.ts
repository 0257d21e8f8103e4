import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { resolveApi } from '../../../src/llm/api.ts';
import { until } from '../../support/until.ts';
import {
  answerBody,
  chunkBody,
  clientFor,
  events,
  GOOD_STREAM,
  headOf,
  type Listening,
  outcomeOf,
  PROMPT,
  STARTED_AT,
  sendJson,
  serve,
  serveRaw,
  stepsOf,
} from '../support.ts';

/** What the attempts of one request sent, each answered as the function says. */
async function sentBy(count: number, settings: object, answer: (number: number) => object) {
  const sent: { readonly headers: Record<string, unknown>; readonly body: string }[] = [];
  const server = await serve((request, response, body) => {
    sent.push({ headers: request.headers, body });
    sendJson(response, 200, answer(sent.length));
  });
  const client = clientFor(server.url, settings);
  for (let number = 1; number <= count; number += 1) await outcomeOf(client, { number });
  client.close();
  await server.close();
  return sent;
}

/** All that one attempt against a server reports; the server is closed afterwards. */
async function allSteps(starting: Promise<Listening>) {
  const server = await starting;
  const client = clientFor(server.url);
  const steps = await stepsOf(client, { number: 3 });
  client.close();
  await server.close();
  return steps;
}

describe('a prepared request', () => {
  test('has the hash of the very bytes that its attempts send', async () => {
    const sent = await sentBy(2, {}, () => answerBody());
    const client = clientFor('http://127.0.0.1:1');
    const { bodySha256 } = client.prepare(PROMPT);
    client.close();
    expect(sent.map(({ body }) => hash('sha256', body))).toEqual([bodySha256, bodySha256]);
  });

  test('is the same from every client, and another for another prompt', () => {
    const hashes = [PROMPT, structuredClone(PROMPT), { ...PROMPT, model: 'a/b' }].map((prompt) => {
      const client = clientFor('http://127.0.0.1:1', { replayCache: true });
      client.close();
      return client.prepare(prompt).bodySha256;
    });
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  test('tells number and start of each attempt as they were given', async () => {
    const steps = await allSteps(serve((_, response) => response.end(GOOD_STREAM)));
    expect(steps.at(-1)).toMatchObject({ kind: 'ended', outcome: { record: { number: 3, startedAt: STARTED_AT } } });
  });
});

describe('a request that was sent', () => {
  test('is reported before the reply comes, once', async () => {
    const steps = await allSteps(serve((_, response) => response.end(GOOD_STREAM)));
    expect(steps.map(({ kind }) => kind)).toEqual(['sent', 'head', 'ended']);
  });

  test('is not reported if nothing left', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const client = clientFor(server.url, { retryLimit: 0 });
    const steps = await stepsOf(client);
    client.close();
    expect(steps.map(({ kind }) => kind)).toEqual(['ended']);
  });

  test('is not sent a second time', async () => {
    const server = await serve((_, response) => response.end(GOOD_STREAM));
    const client = clientFor(server.url);
    const request = client.prepare(PROMPT);
    const listener = { sent: () => undefined, head: () => undefined };
    const start = () => request.attempt({ number: 1, startedAt: STARTED_AT, skipCache: false }, listener);
    const { outcome } = start();
    expect(start).toThrow('sent once');
    await outcome;
    expect(start).toThrow('sent once');
    client.close();
    await server.close();
  });
});

describe('the head of a reply', () => {
  test('is reported before the body comes', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'x-generation-id': 'gen-7' }).write(events(chunkBody({ content: 'A sh' })));
    });
    const client = clientFor(server.url);
    const { head, inFlight } = await headOf(client);
    expect(head).toEqual({ status: 200, generationId: 'gen-7' });
    inFlight.abort();
    client.close();
    await server.close();
  });

  test('is reported of a refusal, without an id if it has none', async () => {
    const [, head, ended] = await allSteps(serve((_, response) => sendJson(response, 503, {})));
    expect(head).toEqual({ kind: 'head', head: { status: 503, generationId: null } });
    expect(ended).toMatchObject({ kind: 'ended', outcome: { record: { status: 503, generationId: null } } });
  });

  test('is not reported if none came', async () => {
    const steps = await allSteps(serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(steps).toMatchObject([{ kind: 'sent' }, { kind: 'ended', outcome: { record: { status: null } } }]);
  });

  test('may be all that is waited for: then the call is aborted', async () => {
    let finished: boolean | null = null;
    const server = await serve((_, response) => {
      response.on('close', () => {
        finished = response.writableFinished;
      });
      response.writeHead(200).flushHeaders();
    });
    const client = clientFor(server.url);
    const { inFlight } = await headOf(client);
    inFlight.abort();
    await until('the call is closed', () => finished !== null);
    expect(finished).toBe(false);
    client.close();
    await server.close();
  });
});

describe('the response cache', () => {
  const NAMES = ['x-openrouter-cache', 'x-openrouter-cache-ttl', 'x-openrouter-cache-clear'];
  const asked = (sent: readonly { readonly headers: Record<string, unknown> }[]) =>
    sent.map(({ headers }) => NAMES.map((name) => headers[name]));

  test('is asked, for a day, by every attempt', async () => {
    const sent = await sentBy(2, { replayCache: true }, () => answerBody());
    expect(asked(sent)).toEqual(Array.from({ length: 2 }, () => ['true', '86400', undefined]));
  });

  test.each([
    ['openai', false],
    ['ollama', false],
    ['openrouter', true],
    ['simulator', true],
  ])('of %s is asked: %s', async (name, isAsked) => {
    let seen: readonly string[] = [];
    const server = await serve((request, response) => {
      seen = Object.keys(request.headers);
      sendJson(response, 200, answerBody());
    });
    const client = clientFor(server.url, { api: { ...resolveApi(name), baseUrl: server.url }, replayCache: true });
    await outcomeOf(client);
    client.close();
    await server.close();
    expect(seen.includes('x-openrouter-cache')).toBe(isAsked);
    expect(seen.includes('authorization')).toBe(true);
  });

  test('is not asked unless a person wants it', async () => {
    expect(asked(await sentBy(1, {}, () => answerBody()))).toEqual([[undefined, undefined, undefined]]);
  });

  test('is told to forget what it has where the answer is not wanted again', async () => {
    let sent: readonly unknown[] = [];
    const server = await serve((request, response) => {
      sent = NAMES.map((name) => request.headers[name]);
      sendJson(response, 200, answerBody());
    });
    const client = clientFor(server.url, { replayCache: true });
    await outcomeOf(client, { number: 2, skipCache: true });
    client.close();
    await server.close();
    expect(sent).toEqual(['true', '86400', 'true']);
  });

  test('that has the answer makes it free, no matter what usage is reported', async () => {
    const steps = await allSteps(
      serve((_, response) =>
        sendJson(response, 200, answerBody('A short answer.', { usage: { prompt_tokens: 0, completion_tokens: 0 } }), {
          'x-openrouter-cache-status': 'HIT',
        }),
      ),
    );
    expect(steps.at(-1)).toMatchObject({
      outcome: { reply: { text: 'A short answer.' }, record: { billing: 'known', costUsd: 0, promptTokens: 0 } },
    });
  });

  test('that has no answer changes nothing of what it costs', async () => {
    const steps = await allSteps(
      serve((_, response) => sendJson(response, 200, answerBody(), { 'x-openrouter-cache-status': 'MISS' })),
    );
    expect(steps.at(-1)).toMatchObject({ outcome: { record: { billing: 'known', costUsd: 0.0004 } } });
  });
});
