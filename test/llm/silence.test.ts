import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts';
import { attempt, attemptAgainst, clientFor, closed, listen, outcomeOf, sendJson, serve, serveRaw } from './support.ts';

type Reply = (response: ServerResponse, request: IncomingMessage) => void;

const page =
  (status: number): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(`<html><h1>${status}</h1></html>`);
const modelsAre: Reply = (response) => sendJson(response, 200, { data: [{ id: 'm' }] });

/** A gateway: `chat` answers calls, `models` what is free. */
const gateway = (chat: Reply, models: Reply = modelsAre) =>
  serve((request, response) => (request.method === 'POST' ? chat : models)(response, request));

const REFUSED: readonly (readonly [string, Reply])[] = [
  ...[403, 502, 503, 511, 520, 521, 523, 525, 530].map((status) => [`a page ${status}`, page(status)] as const),
  ['a 502 without a body', (response) => response.writeHead(502).end()],
  ['a 503 of JSON that is no error', (response) => sendJson(response, 503, { status: 'down' })],
  ['a 502 with no more than a sentence', (response) => sendJson(response, 502, { message: 'Bad upstream' })],
  ['a login page under a success', page(200)],
  ['a login page that does not say what it is', (response) => response.writeHead(200).end('\n<!DOCTYPE html><form>')],
];

const UNANSWERED: readonly (readonly [string, Reply])[] = [
  ...[504, 524].map((status) => [`a page ${status}`, page(status)] as const),
  ['a success without a body', (response) => response.writeHead(200).end()],
  [
    'a stream of comments',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': on\n\n'),
  ],
  ['a connection that breaks', (_, request) => request.socket.destroy()],
];

describe('a call to which nothing of the API came back', () => {
  test.each(REFUSED)('was refused before the API: %s', async (_, reply) => {
    const { silence, verdict } = await attemptAgainst(gateway(reply));
    expect(silence).toEqual({ refused: true, everywhere: false });
    expect(['retry', 'fail']).toContain(verdict.kind);
  });

  test.each(UNANSWERED)('may have come to the API: %s', async (_, reply) => {
    expect(await attemptAgainst(gateway(reply))).toMatchObject({
      silence: { refused: false, everywhere: false },
      record: { billing: 'in doubt' },
    });
  });

  test.each([...REFUSED, ...UNANSWERED])(
    'shows the whole API silent where a free question ends so, too: %s',
    async (_, reply) => {
      expect((await attemptAgainst(gateway(reply, reply))).silence?.everywhere).toBe(true);
    },
  );

  test.each<readonly [string, Reply]>([
    ['an error object with a 502', (response) => sendJson(response, 502, { error: { message: 'down' } })],
    ['an error object with a 403', (response) => sendJson(response, 403, { error: { message: 'no' } })],
    ['a 403 with no more than a sentence', (response) => sendJson(response, 403, { message: 'Bad token' })],
    ['a page 500', page(500)],
    ['a page 429', page(429)],
    ['a page 407', page(407)],
    ['JSON that was cut', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":')],
  ])('is none where the API, or a program of it, spoke: %s', async (_, reply) => {
    expect((await attemptAgainst(gateway(reply))).silence).toBeUndefined();
  });

  test.each<readonly [string, Reply]>([
    ['leads to a login page', (response) => response.writeHead(302, { location: 'https://login.test/' }).end()],
    ['shows a login page', page(200)],
    ['shows one as it wants a login', page(401)],
    ['is a page of the gateway', page(504)],
  ])('shows the whole API silent where the answer to a free question %s', async (_, models) => {
    expect((await attemptAgainst(gateway(page(502), models))).silence?.everywhere).toBe(true);
  });

  test.each<readonly [string, Reply]>([
    ['lists its models', modelsAre],
    ['knows no list of models', page(404)],
    ['wants a key', (response) => sendJson(response, 401, { error: { message: 'No key' } })],
  ])('is one of its own where the API %s', async (_, models) => {
    expect((await attemptAgainst(gateway(page(502), models))).silence?.everywhere).toBe(false);
  });

  test('costs one free question, however many calls end so together', async () => {
    let questions = 0;
    const server = await gateway(page(502), (response, request) => {
      questions += 1;
      setTimeout(() => page(502)(response, request), 200);
    });
    const client = clientFor(server.url);
    const outcomes = await Promise.all([outcomeOf(client), outcomeOf(client), outcomeOf(client)]);
    client.close();
    await server.close();
    expect(outcomes.map(({ silence }) => silence?.everywhere)).toEqual([true, true, true]);
    expect(questions).toBe(1);
  });

  test.each([503, 511, 521, 523, 525, 526, 530])('was certainly not billed with a page %i', async (status) => {
    expect((await attemptAgainst(gateway(page(status)))).record.billing).toBe('none');
  });
});

describe('an address with the wrong scheme', () => {
  const whole = { retryLimit: 0 };

  const TLS = { cert: CERTIFICATE, key: CERTIFICATE_KEY };

  test.each([
    ['closes the connection', ''],
    ['says so by a page', 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>'],
    ['sends something else', '\x15\x03\x01\x00\x02\x02\x46'],
  ])('is told where the server takes TLS alone, and %s', async (_, words) => {
    const secure = createTlsServer(TLS, (__, response) => response.end('{}'));
    const server = await serveRaw((socket) =>
      socket.once('data', (chunk: Buffer) => {
        socket.pause();
        socket.unshift(chunk);
        // What begins a handshake.
        if (chunk[0] === 0x16) secure.emit('connection', socket);
        else socket.end(words, 'latin1');
      }),
    );
    const { record, verdict, silence } = await attempt(server.url, whole);
    secure.closeAllConnections();
    await server.close();
    expect(record).toMatchObject({ code: 'tls-alone', billing: 'none' });
    expect(record.message).toContain('set --api to https://');
    expect(verdict).toEqual({ kind: 'pause', scope: 'model' });
    expect(silence).toBeUndefined();
  });

  test('is told where the server speaks no TLS', async () => {
    const server = await serve((_, response) => response.end('{}'));
    const { record, verdict } = await attempt(server.url.replace('http:', 'https:'), whole);
    await server.close();
    expect(record).toMatchObject({ code: 'no-tls', billing: 'none' });
    expect(record.message).toContain('set --api to http://');
    expect(verdict).toEqual({ kind: 'pause', scope: 'model' });
  });

  test('is not suspected where a server that speaks plainly drops a call', async () => {
    const server = await gateway((_, request) => request.socket.destroy());
    const { record } = await attempt(server.url, whole);
    await server.close();
    expect(record).toMatchObject({ code: 'connection-reset', billing: 'in doubt' });
  });
});

test('a certificate of an authority that is not known is told with the variable that names it', async () => {
  const server = createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY });
  const port = await listen(server);
  const { record } = await attempt(`https://127.0.0.1:${port}`, { retryLimit: 0 });
  await closed(server, () => server.closeAllConnections());
  expect(record.message).toContain('set NODE_EXTRA_CA_CERTS to');
});

test('a proxy that is set and not used is named where the API cannot be reached, without what it holds', async () => {
  const settings = { retryLimit: 0, unusedProxies: ['HTTPS_PROXY'] };
  const { record } = await attempt('https://no-such-host.invalid', settings);
  expect(record).toMatchObject({ code: 'unreachable' });
  expect(record.message).toMatch(/\((?:ENOTFOUND|EAI_AGAIN), HTTPS_PROXY is set but not used: see --proxy\)/);
});
