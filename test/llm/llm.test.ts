import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { resolveApi } from '../../src/llm/api.ts';
import { until } from '../support/until.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts';
import {
  afterRequest,
  answerBody,
  attempt,
  attemptAgainst,
  attemptOf,
  chunkBody,
  clientFor,
  events,
  GOOD_STREAM,
  listen,
  outcomeOf,
  PROMPT,
  STARTED_AT,
  sendJson,
  serve,
  serveRaw,
} from './support.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const WHOLE = JSON.stringify(answerBody());

describe('an attempt that is answered', () => {
  test('brings the text of a stream, with what it cost', async () => {
    const { record, verdict, reply, partial, annotations } = await attemptAgainst(
      serve((_, response) => response.end(GOOD_STREAM)),
    );
    expect({ verdict, reply, partial, annotations }).toEqual({
      verdict: { kind: 'answer' },
      reply: { text: 'A short answer.', cut: false, extras: {} },
      partial: null,
      annotations: null,
    });
    expect(record).toMatchObject({
      number: 1,
      startedAt: STARTED_AT,
      status: 200,
      code: 'answered',
      provider: 'Anthropic',
      generationId: 'gen-1',
      model: PROMPT.model,
      billing: 'known',
      costUsd: 0.0004,
      promptTokens: 12,
      completionTokens: 3,
      verdict: 'answer',
      counts: true,
    });
    expect(record.seconds).toBeGreaterThan(0);
  });

  test('brings the text of a JSON body, also where a stream was asked for', async () => {
    const { reply } = await attemptAgainst(
      serve((_, response) => sendJson(response, 200, answerBody())),
      { stream: true },
    );
    expect(reply?.text).toBe('A short answer.');
  });

  test('brings the text of a stream where JSON was asked for', async () => {
    const { reply } = await attemptAgainst(
      serve((_, response) => response.end(GOOD_STREAM)),
      { stream: false },
    );
    expect(reply?.text).toBe('A short answer.');
  });

  test('sends the headers and the body that the API expects', async () => {
    let seen: object = {};
    const server = serve((request, response, body) => {
      seen = { ...request.headers, method: request.method, url: request.url, body: JSON.parse(body) };
      response.end(GOOD_STREAM);
    });
    await attemptAgainst(server);
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/api/v1/chat/completions',
      authorization: 'Bearer sk-or-v1-test',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'x-openrouter-title': 'sluice',
      'http-referer': expect.stringContaining('sluice'),
      'user-agent': 'sluice/0.0.0',
      body: {
        model: PROMPT.model,
        messages: PROMPT.messages,
        max_tokens: 64_000,
        reasoning: { effort: 'high' },
        stream: true,
      },
    });
  });

  test('names the program to OpenRouter alone', async () => {
    const seen: string[] = [];
    const server = await serve((request, response) => {
      seen.push(...Object.keys(request.headers));
      response.end(GOOD_STREAM);
    });
    await attemptAgainst(Promise.resolve(server), { api: resolveApi(`${server.url}/v1`) });
    expect(seen).toContain('user-agent');
    expect(seen.filter((name) => /openrouter|referer/.test(name))).toEqual([]);
  });

  test('sends no Authorization without a key', async () => {
    let authorization: string | undefined = 'none seen';
    const server = serve((request, response) => {
      ({ authorization } = request.headers);
      response.end(GOOD_STREAM);
    });
    await attemptAgainst(server, { key: null });
    expect(authorization).toBeUndefined();
  });

  test('sends further headers with each call, in the place of ours, and lets nobody read them', async () => {
    const headers = [['X-Gateway', 'Bearer gate-s3cret'] as const, ['authorization', 'Basic own-s3cret'] as const];
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      const { 'x-gateway': gateway, authorization } = request.headers;
      seen.push([request.method, gateway, authorization]);
      sendJson(response, 400, {
        error: { message: `no ${String(gateway)}, gate-s3cret, ${String(authorization)} or own-s3cret` },
      });
    });
    const client = clientFor(server.url, { headers });
    const { record } = await outcomeOf(client);
    await client.catalogue();
    client.close();
    await server.close();
    expect(seen).toEqual([
      ['POST', 'Bearer gate-s3cret', 'Basic own-s3cret'],
      ['GET', 'Bearer gate-s3cret', 'Basic own-s3cret'],
    ]);
    expect(record.message).toMatch(/ no \[…\], \[…\], \[…\] or \[…\]$/);
  });

  test('uses one connection for calls that follow each other', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end(GOOD_STREAM);
    });
    const client = clientFor(server.url);
    for (const number of [1, 2, 3]) await outcomeOf(client, { number });
    client.close();
    await server.close();
    expect(ports.size).toBe(1);
  });

  test('waits out blanks that pad a slow body', async () => {
    const server = serve((_, response) => {
      let padded = 0;
      const padding = setInterval(() => {
        padded += 1;
        if (padded <= 10) return response.write('      \n');
        clearInterval(padding);
        return response.end(WHOLE);
      }, 20);
    });
    expect(await attemptAgainst(server, { stream: false })).toMatchObject({ reply: { text: 'A short answer.' } });
  });

  test('may be waited for longer than timers can', async () => {
    const server = serve((_, response) => {
      response.write(events(chunkBody({ content: 'A short ' })));
      setTimeout(() => response.end(events(chunkBody({ content: 'answer.' }, 'stop'), '[DONE]')), 50);
    });
    expect(await attemptAgainst(server, { timeoutSeconds: 1e12, idleTimeoutSeconds: 1e12 })).toMatchObject({
      reply: { text: 'A short answer.' },
    });
  });

  test('may fall silent again and again, each time for less than the idle limit', async () => {
    const server = serve((_, response) => {
      const pieces = Array.from({ length: 10 }, () => events(chunkBody({ content: 'Drop. ' })));
      pieces.push(events(chunkBody({}, 'stop'), '[DONE]'));
      const drip = setInterval(() => {
        response.write(pieces.shift() ?? '');
        if (pieces.length > 0) return;
        clearInterval(drip);
        response.end();
      }, 100);
    });
    const { reply } = await attemptAgainst(server, { idleTimeoutSeconds: 0.6 });
    expect(reply?.text).toBe('Drop. '.repeat(10));
  });

  test('waits for slow headers', async () => {
    const server = serve((_, response) => setTimeout(() => response.end(GOOD_STREAM), 300));
    expect(await attemptAgainst(server, { idleTimeoutSeconds: 0.1 })).toMatchObject({
      reply: { text: 'A short answer.' },
    });
  });

  test('counts a stream that came to [DONE] though its connection then breaks or stays open', async () => {
    const breaking = serve((_, response) => response.write(GOOD_STREAM, () => response.destroy()));
    const staying = serve((_, response) => response.write(GOOD_STREAM));
    expect(await attemptAgainst(breaking)).toMatchObject({ reply: { text: 'A short answer.' } });
    expect(await attemptAgainst(staying)).toMatchObject({ reply: { text: 'A short answer.' } });
  });

  test('is not held by comments that go on after [DONE]', async () => {
    const server = serve((_, response) => {
      response.write(GOOD_STREAM);
      const comments = setInterval(() => response.write(': still here\n\n'), 20);
      response.on('close', () => clearInterval(comments));
    });
    expect(await attemptAgainst(server, { timeoutSeconds: 3600 })).toMatchObject({
      reply: { text: 'A short answer.' },
    });
  });

  test('takes a stream that stopped and ended without [DONE] and usage, but not one that was cut there', async () => {
    const stopped = events(chunkBody({ content: 'A short answer.' }), chunkBody({}, 'stop'));
    expect(await attemptAgainst(serve((_, response) => response.end(stopped)))).toMatchObject({
      reply: { text: 'A short answer.' },
      record: { billing: 'known', costUsd: null },
    });
    const cut = serve((_, response) => response.write(stopped, () => response.destroy()));
    expect(await attemptAgainst(cut)).toMatchObject({ reply: null, record: { billing: 'in doubt' } });
  });

  test.each([
    ['JSON', WHOLE],
    ['a stream', GOOD_STREAM],
  ])('comes whole from %s that arrives byte by byte', async (_, body) => {
    const bytes = Array.from(Buffer.from(body), (byte) => Buffer.of(byte));
    const server = serve((__, response) => Readable.from(bytes, { objectMode: false }).pipe(response));
    expect(await attemptAgainst(server)).toMatchObject({ reply: { text: 'A short answer.' } });
  });
});

test('an answer with an annotation that is nested too deep to be written down is answered without it', async () => {
  const deep = `{"type":"x","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const body = JSON.stringify(answerBody()).replace(
    '"content":',
    `"annotations":[${deep},{"type":"url_citation"}],"content":`,
  );
  const { record, reply } = await attemptAgainst(serve((_, response) => response.end(body)));
  expect(record).toMatchObject({ verdict: 'answer', billing: 'known' });
  expect(reply?.extras.annotations).toEqual([{ type: 'url_citation' }]);
});

describe('a call that never reached the API', () => {
  test('is repeated within the attempt, costs nothing, and then waits with all others', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { record, verdict } = await attempt(`http://127.0.0.1:${port}`, { retryLimit: 1 });
    expect(record).toMatchObject({ status: null, code: 'nothing-listens', billing: 'none', costUsd: null });
    expect(record.message).toBe(
      'Nothing listens at the address of --api (ECONNREFUSED). Is it running? (check --api).',
    );
    expect(verdict).toEqual({ kind: 'retry', cools: 'model', hintSeconds: null, counts: true });
  });

  test('succeeds in the same attempt when the API comes up meanwhile', async () => {
    const port = await freePort();
    const client = clientFor(`http://127.0.0.1:${port}`);
    const outcome = outcomeOf(client);
    const server = createServer((_, response) => response.end(GOOD_STREAM));
    await new Promise<void>((resolve) => setTimeout(() => server.listen(port, '127.0.0.1', resolve), 100));
    expect(await outcome).toMatchObject({ reply: { text: 'A short answer.' }, record: { number: 1 } });
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('names a host that does not exist', async () => {
    const { record } = await attempt('http://no-such-host.invalid', { retryLimit: 0 });
    expect(record).toMatchObject({ code: 'unreachable', billing: 'none' });
    expect(record.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('does not outlast the deadline with its repetitions', async () => {
    const { record } = await attempt(`http://127.0.0.1:${await freePort()}`, { retryLimit: 50, timeoutSeconds: 0.5 });
    expect(record).toMatchObject({ code: 'deadline', billing: 'none' });
  });

  test('pauses where the certificate is not trusted, before anything was sent', async () => {
    let requests = 0;
    const server = createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (_, response) => {
      requests += 1;
      response.end(GOOD_STREAM);
    });
    const port = await listen(server);
    const { record, verdict } = await attempt(`https://127.0.0.1:${port}`, { retryLimit: 1 });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(record).toMatchObject({ code: 'certificate-refused', billing: 'none' });
    expect(verdict).toEqual({ kind: 'pause', scope: 'model' });
    expect(requests).toBe(0);
  });

  test('includes a TLS handshake that breaks', async () => {
    let connections = 0;
    const server = await serveRaw((socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    const { record } = await attempt(server.url.replace('http', 'https'), { retryLimit: 1 });
    await server.close();
    expect(record).toMatchObject({ code: 'unreachable', billing: 'none' });
    expect(connections).toBe(2);
  });
});

describe('a call that left and brought no whole reply', () => {
  test.each([
    ['reset while it arrives', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['reset after it was read', (socket: Socket) => afterRequest(socket, () => socket.resetAndDestroy())],
    ['closed without a word', (socket: Socket) => afterRequest(socket, () => socket.end())],
  ])('is sent once and is in doubt: %s', async (_, onSocket) => {
    let requests = 0;
    const { record, verdict, silence } = await attemptAgainst(
      serveRaw((socket) => {
        socket.once('data', (chunk: Buffer) => (requests += chunk.subarray(0, 4).toString() === 'POST' ? 1 : 0));
        onSocket(socket);
      }),
    );
    expect(record).toMatchObject({ status: null, code: 'connection-reset', billing: 'in doubt' });
    expect(verdict).toEqual({ kind: 'retry', cools: 'document', hintSeconds: null, counts: true });
    expect(silence).toEqual({ refused: false, everywhere: true });
    expect(requests).toBe(1);
  });

  test('ends when the server switches to another protocol', async () => {
    const { record } = await attemptAgainst(
      serveRaw((socket) =>
        afterRequest(socket, () =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
        ),
      ),
      { timeoutSeconds: 5 },
    );
    expect(record).toMatchObject({ status: null, billing: 'in doubt', verdict: 'retry' });
    expect(record.code).not.toBe('deadline');
  });

  test('ends at the deadline when nothing ever comes', async () => {
    const { record } = await attemptAgainst(
      serve(() => undefined),
      { timeoutSeconds: 0.3 },
    );
    expect(record).toMatchObject({ status: null, code: 'deadline', billing: 'in doubt' });
    expect(record.message).toContain('0.3 s');
  });

  test('ends at the deadline when the body drips', async () => {
    const { record, partial } = await attemptAgainst(dripping(events(chunkBody({ content: 'Drop. ' }))), {
      timeoutSeconds: 0.4,
    });
    expect(record).toMatchObject({ status: 200, code: 'deadline', billing: 'in doubt' });
    expect(partial).toMatch(/^(Drop\. )+$/);
  });

  test('ends at the deadline in a storm of comments', async () => {
    const { record, partial } = await attemptAgainst(dripping(': OPENROUTER PROCESSING\n\n'), { timeoutSeconds: 0.4 });
    expect(record).toMatchObject({ code: 'deadline', billing: 'in doubt' });
    expect(partial).toBeNull();
  });

  test('ends at the idle limit when the body falls silent', async () => {
    const server = serve((_, response) => response.write(events(chunkBody({ content: 'A sh' }))));
    const { record, partial } = await attemptAgainst(server, { idleTimeoutSeconds: 0.2 });
    expect(record).toMatchObject({ status: 200, code: 'idle', billing: 'in doubt', generationId: 'gen-1' });
    expect(partial).toBe('A sh');
  });

  test.each([
    [
      'a chunked body without its end',
      `${HEAD}transfer-encoding: chunked\r\n\r\n10\r\n{"id":"gen-1","ch\r\n`,
      'connection-reset',
    ],
    ['a body shorter than its length', `${HEAD}content-length: 5000\r\n\r\n${WHOLE.slice(0, 90)}`, 'connection-reset'],
    ['a body without length that was cut', `${HEAD}\r\n${WHOLE.slice(0, 90)}`, 'unreadable-reply'],
    ['a broken chunk size', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`, 'connection-reset'],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', 'malformed-reply'],
    ['two lengths', `${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\n{}`, 'malformed-reply'],
  ])('is in doubt after %s', async (_, reply, code) => {
    const outcome = await attemptAgainst(serveRaw((socket) => afterRequest(socket, () => socket.end(reply))));
    expect(outcome.record).toMatchObject({ code, billing: 'in doubt', verdict: 'retry' });
    expect(outcome.reply).toBeNull();
  });

  test('does not take in an endless body', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 0x20);
    const server = serve((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(mebibyte));
      };
      response.on('drain', pour);
      pour();
    });
    const { record } = await attemptAgainst(server);
    expect(record).toMatchObject({ code: 'oversized-reply', billing: 'in doubt', verdict: 'retry' });
  });

  test('is given up if it is compressed in a way that is not known', async () => {
    const server = serve((_, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end('x'));
    const { record, verdict } = await attemptAgainst(server);
    expect(record).toMatchObject({ status: 200, code: 'encoded-reply', billing: 'in doubt', verdict: 'fail' });
    expect(record.message).toMatch(/uncompressed, or as gzip \(HTTP 200, zstd\)/);
    expect(verdict).toEqual({ kind: 'fail', suspect: true });
  });

  test('is not unpacked beyond what an answer may have', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20));
    const server = serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const { record } = await attemptAgainst(server);
    expect(record).toMatchObject({ code: 'oversized-reply', billing: 'in doubt', verdict: 'retry' });
  });

  test.each([
    ['gzip', gzipSync(WHOLE).fill(0xff, 40, 60)],
    ['br', Buffer.from('<html>')],
  ])('is tried again if its %s is damaged', async (encoding, body) => {
    const server = serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    const { record } = await attemptAgainst(server);
    expect(record).toMatchObject({ status: 200, code: 'malformed-reply', billing: 'in doubt', verdict: 'retry' });
  });
});

describe('a reply that came compressed, although that was ruled out', () => {
  test.each([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('by %s, is read', async (encoding, pack) => {
    for (const text of [WHOLE, GOOD_STREAM]) {
      const server = serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(pack(text)));
      const { record, reply } = await attemptAgainst(server);
      expect(record).toMatchObject({ code: 'answered', billing: 'known' });
      expect(reply?.text).toBe('A short answer.');
    }
  });

  test('is read as it comes', async () => {
    const gzip = createGzip();
    const server = serve((_, response) => {
      gzip.pipe(response.writeHead(200, { 'content-encoding': 'gzip' }));
      gzip.write(events(chunkBody({ content: 'A sh' })));
      gzip.flush();
    });
    const { record, partial } = await attemptAgainst(server, { idleTimeoutSeconds: 0.2 });
    expect(record).toMatchObject({ code: 'idle' });
    expect(partial).toBe('A sh');
    gzip.end();
  });

  test('and was cut, shows what there is of it', async () => {
    const packed = gzipSync(GOOD_STREAM, { level: 0 });
    for (const length of [packed.length >> 1, 12, 0]) {
      const head = `${HEAD}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
      const reply = Buffer.concat([Buffer.from(head), packed.subarray(0, length)]);
      const { record } = await attemptAgainst(serveRaw((socket) => afterRequest(socket, () => socket.end(reply))));
      expect(record).toMatchObject({ code: 'connection-reset', billing: 'in doubt', verdict: 'retry' });
    }
  });
});

describe('a refusal', () => {
  test('carries the wait that its headers ask for, and the words of the API', async () => {
    const body = { error: { code: 503, message: 'Come back later.', metadata: { provider_name: 'Anthropic' } } };
    const server = serve((_, response) =>
      sendJson(response, 503, body, { 'retry-after': '7', 'x-generation-id': 'gen-7' }),
    );
    const { record, verdict } = await attemptAgainst(server);
    expect(verdict).toEqual({ kind: 'retry', cools: 'model', hintSeconds: 7, counts: false, limit: 'upstream' });
    expect(record).toMatchObject({
      status: 503,
      code: 'upstream-busy',
      billing: 'none',
      provider: 'Anthropic',
      generationId: 'gen-7',
    });
    expect(record.message).toBe(
      'The provider of the model takes no more calls for now, from anybody (HTTP 503, Anthropic, asks to wait 7 s). It says: Come back later.',
    );
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with status %i is not followed and pauses', async (status) => {
    const paths: (string | undefined)[] = [];
    const server = serve((request, response) => {
      paths.push(request.url);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    const { record, verdict } = await attemptAgainst(server);
    expect(verdict).toEqual({ kind: 'pause', scope: 'model' });
    expect(record).toMatchObject({ status, code: 'redirected', billing: 'none' });
    expect(paths).toEqual(['/api/v1/chat/completions']);
  });
});

describe('aborting', () => {
  test('ends the call in flight', async () => {
    let finished: boolean | null = null;
    const server = await serve((_, response) => {
      response.on('close', () => {
        finished = response.writableFinished;
      });
      response.write(events(chunkBody({ content: 'A sh' })), () => inFlight.abort());
    });
    const client = clientFor(server.url);
    const inFlight = attemptOf(client);
    await until('the call is closed', () => finished !== null);
    expect(finished).toBe(false);
    client.close();
    await server.close();
  });

  test('leaves the connection alone once the answer is there', async () => {
    let closed = 0;
    const server = await serve((request, response) => {
      request.socket.once('close', () => (closed += 1));
      response.end(GOOD_STREAM);
    });
    const client = clientFor(server.url);
    const first = attemptOf(client);
    await first.outcome;
    first.abort();
    await outcomeOf(client, { number: 2 });
    first.abort();
    expect(closed).toBe(0);
    client.close();
    await server.close();
  });

  test('before a call that waits to be repeated sends nothing more', async () => {
    const port = await freePort();
    const client = clientFor(`http://127.0.0.1:${port}`);
    const inFlight = attemptOf(client);
    await new Promise((resolve) => setTimeout(resolve, 50));
    inFlight.abort();
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      response.end(GOOD_STREAM);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const other = clientFor(`http://127.0.0.1:${port}`);
    await outcomeOf(other);
    expect(requests).toBe(1);
    client.close();
    other.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('one call leaves others alone: each prepared request is a call of its own, made when it is attempted', async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      requests += 1;
      response.end(GOOD_STREAM);
    });
    const client = clientFor(server.url);
    const prepared = [client.prepare(PROMPT), client.prepare(PROMPT)];
    expect(requests).toBe(0);
    const start = { number: 1, startedAt: STARTED_AT, skipCache: false };
    const listener = { sent: () => undefined, head: () => undefined };
    await Promise.all(prepared.map((request) => request.attempt(start, listener).outcome));
    expect(requests).toBe(2);
    client.close();
    await server.close();
  });
});

function dripping(piece: string) {
  return serve((_, response) => {
    const drip = setInterval(() => response.write(piece), 20);
    response.on('close', () => clearInterval(drip));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
