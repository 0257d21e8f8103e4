import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Prompt } from '../../src/domain/request.ts';
import {
  answerBody,
  attempt,
  attemptAgainst,
  chunkBody,
  clientFor,
  events,
  headOf,
  sendJson,
  serve,
  serveRaw,
} from './support.ts';

const KEY = 'sk-or-CANARY0123456789abcdef';
const SENTENCE = 'The canary "Aurelia" sang of ébène and brass in the old lighthouse at noon.';
const PROMPT: Prompt = {
  model: 'a/b',
  messages: [
    { role: 'system', content: 'Summarise what you are given in one sentence.' },
    { role: 'user', content: `Dear all,\n\n${SENTENCE}\n\nYours, the keeper.` },
  ],
};

/** As a document may name them: the model that is asked, one that stands in, one that is listed, and what is none. */
const NAMES = [
  'anthropic/claude-sonnet-4.5-thinking',
  'acme/some-stand-in-for-that-20260101',
  'acme/some-model-of-the-list-20260101',
  'patients/4711-0815-ward-7-of-harbour',
] as const;

/** All that a log or a report could make of an outcome. */
function everythingIn(value: unknown): string {
  return [JSON.stringify(value), inspect(value, { depth: null, showHidden: true, getters: true }), String(value)].join(
    '\n',
  );
}

/** The words of key and document that show in an outcome. */
function leaks(outcome: unknown): readonly string[] {
  const text = everythingIn(outcome);
  return ['CANARY', 'Aurelia', 'ébène', 'lighthouse', 'keeper'].filter((word) => text.includes(word));
}

type Echo = (response: ServerResponse, request: IncomingMessage, body: string) => void;

const ECHOES: readonly [string, Echo][] = [
  [
    'as the message, raw',
    (response, request, body) =>
      sendJson(response, 400, { error: { code: 400, message: `Got ${JSON.stringify(request.headers)} with ${body}` } }),
  ],
  [
    'as the message, escaped to ASCII',
    (response, _, body) => {
      const ascii = body.replace(
        /[^\x20-\x7e]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      sendJson(response, 422, { error: { code: 422, message: ascii.slice(60) } });
    },
  ],
  [
    "as the provider's raw words",
    (response, request, body) => {
      const raw = JSON.stringify({
        error: { message: `${request.headers.authorization}: ${JSON.parse(body).messages[1].content}` },
      });
      sendJson(response, 502, {
        error: { code: 502, message: 'Provider returned error', metadata: { raw, provider_name: 'X' } },
      });
    },
  ],
  [
    'as what moderation flagged',
    (response) => {
      const metadata = { reasons: ['noise'], flagged_input: SENTENCE, patterns: [SENTENCE], provider_name: SENTENCE };
      sendJson(response, 403, { error: { code: 403, message: `Flagged: ${SENTENCE}`, metadata } });
    },
  ],
  [
    'as labels of a reply',
    (response, request) => {
      const label = `${request.headers.authorization} ${SENTENCE}`;
      response.setHeader('x-generation-id', `${request.headers.authorization}`);
      sendJson(response, 200, { id: KEY, model: label, provider: label, choices: [] });
    },
  ],
  [
    'in headers alone',
    (response, request) => response.writeHead(500, { 'x-generation-id': `${request.headers.authorization}` }).end(),
  ],
  [
    'as a page',
    (response, request, body) => response.writeHead(502).end(`<html>${request.headers.authorization} ${body}</html>`),
  ],
  [
    'within a stream',
    (response, _, body) => response.end(events(chunkBody({}), { error: { code: 500, message: body } })),
  ],
  [
    'as a redirect',
    (response, request, body) =>
      response.writeHead(307, { location: `/?${encodeURIComponent(body)}&${request.headers.authorization}` }).end(),
  ],
];

describe('neither key nor document shows', () => {
  test.each(ECHOES)('where the server echoes both %s', async (_, echo) => {
    const server = serve((request, response, body) => echo(response, request, body));
    const outcome = await attemptAgainst(server, { key: KEY }, PROMPT);
    expect(outcome.record.verdict).not.toBe('answer');
    expect(leaks(outcome)).toEqual([]);
  });

  test('where the connection breaks, is refused, or is too slow', async () => {
    const breaking = serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const silent = serve(() => undefined);
    const outcomes = [
      await attemptAgainst(breaking, { key: KEY }, PROMPT),
      await attemptAgainst(silent, { key: KEY, timeoutSeconds: 0.2 }, PROMPT),
      await attempt('http://no-such-host.invalid', { key: KEY, retryLimit: 0 }, PROMPT),
    ];
    expect(outcomes.map(({ record }) => record.code)).toEqual(['connection-reset', 'deadline', 'unreachable']);
    expect(outcomes.flatMap(leaks)).toEqual([]);
  });

  test('and what a document says does not change the verdict on an error that says the same', async () => {
    const message = 'Rate limit exceeded: free-models-per-day-high-balance. Add credits to go on.';
    const server = serve((_, response) => sendJson(response, 429, { error: { code: 429, message } }));
    const { record, verdict } = await attemptAgainst(
      server,
      {},
      { model: 'a/b', messages: [{ role: 'user', content: message }] },
    );
    expect(verdict).toEqual({ kind: 'pause', scope: 'account' });
    expect(record.message).not.toContain('high-balance');
  });

  test.each([
    [NAMES[0], true],
    [NAMES[1], true],
    [NAMES[2], true],
    [NAMES[3], false],
  ])('but for a model that was asked or is listed: %s', async (model, isShown) => {
    const [asked, standIn, listed] = NAMES;
    const content = `These: ${NAMES.join(', ')}.`;
    const prompt = { model: asked, fields: { models: [standIn] }, messages: [{ role: 'user', content }] } as const;
    const server = serve((_, response) => sendJson(response, 200, answerBody('Yes.', { model })));
    const listsModel = (name: string): boolean => name === listed;
    expect((await attemptAgainst(server, { listsModel }, prompt)).record.model).toBe(isShown ? model : '[…]');
  });

  test('in the head of a reply', async () => {
    const server = await serve((request, response, body) => {
      if (body === '') return void response.end('{}');
      const { messages } = JSON.parse(body);
      const id = `${request.headers.authorization} ${encodeURIComponent(messages[1].content)}`;
      response.writeHead(200, { 'x-generation-id': id }).end();
    });
    const client = clientFor(server.url, { key: KEY });
    const { head, inFlight } = await headOf(client, { prompt: PROMPT });
    await inFlight.outcome;
    client.close();
    await server.close();
    expect(head).toMatchObject({ generationId: expect.any(String) });
    expect(leaks(head)).toEqual([]);
  });

  test('in the client itself, and in a request that it prepared', () => {
    const client = clientFor('http://127.0.0.1:1', { key: KEY });
    expect(leaks([client, client.prepare(PROMPT)])).toEqual([]);
    client.close();
  });
});
