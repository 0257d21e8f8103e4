import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { CERTIFICATE, CERTIFICATE_KEY } from '../llm/certificate.ts';
import { GOOD_STREAM } from '../llm/support.ts';
import { setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();
const KEY = 'sk-proxy-test-4711';
const AUTHORIZED = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

async function listening(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  stage.afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** An API, over TLS or not, and the calls that it got. */
async function startApi(secure: boolean) {
  const calls: IncomingMessage[] = [];
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    if (message.method === 'GET') return void response.writeHead(404).end();
    calls.push(message);
    message.resume().on('end', () => response.end(GOOD_STREAM));
  };
  const server = secure ? createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, answer) : createServer(answer);
  return { port: await listening(server), calls };
}

/** A proxy that carries everything to one port of this machine, or refuses it, and what it was asked. */
async function startProxy(port: number, refusal: string | null = null) {
  const asked: string[] = [];
  const heard: IncomingMessage['headers'][] = [];
  const server = createServer((message, response) => {
    const { url = '', method, headers } = message;
    asked.push(`${method} ${url}`);
    heard.push(headers);
    const { pathname } = new URL(url);
    const onwards = request({ host: '127.0.0.1', port, method, path: pathname, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    message.pipe(onwards);
  });
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${url}`);
    heard.push(headers);
    if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 5\r\n\r\nKeep!`);
    const onwards = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    onwards.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('error', () => undefined).on('close', () => onwards.destroy());
    socket.pipe(onwards).pipe(socket);
  });
  return { port: await listening(server), asked, heard };
}

async function workspaceOf(...documents: readonly string[]) {
  const workspace = await stage.workspace();
  for (const name of documents) await workspace.drop(name);
  const ca = join(workspace.root, 'ca.pem');
  await writeFile(ca, CERTIFICATE);
  return { workspace, ca };
}

const onceAt = (root: string, api: string, ...flags: readonly string[]) => [
  '--once',
  '--json',
  '--no-recipe',
  '--root',
  root,
  '--settle',
  '0',
  '--api',
  api,
  '--model',
  'm',
  ...flags,
];

describe('an API behind a proxy', () => {
  test('that speaks TLS is reached through a tunnel, and the proxy reads nothing', async () => {
    const api = await startApi(true);
    const proxy = await startProxy(api.port);
    const { workspace, ca } = await workspaceOf('a.txt', 'b.txt', 'c.txt');
    const url = `https://localhost:${api.port}/v1`;
    const { code, summary, stderr } = await stage.run(
      onceAt(workspace.root, url, '--proxy', `http://me:p%40ss@127.0.0.1:${proxy.port}`),
      { environment: { NODE_EXTRA_CA_CERTS: ca, SLUICE_API_KEY: KEY, DEBUG: '*' } },
    );
    expect({ code, ...summary }).toMatchObject({ code: 0, succeeded: 3, attempts: 3, inDoubt: 0 });
    expect(api.calls.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${KEY}`));
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT localhost:${api.port}`]));
    expect(new Set(proxy.heard.map((headers) => headers['proxy-authorization']))).toEqual(new Set([AUTHORIZED]));
    expect(JSON.stringify(proxy.heard)).not.toContain(KEY);
    expect(stderr).not.toMatch(/p@ss|p%40ss|sk-proxy/);
  });

  test('that speaks plain HTTP is asked for by its whole URL', async () => {
    const api = await startApi(false);
    const proxy = await startProxy(api.port);
    const { workspace } = await workspaceOf('a.txt');
    const proxied = ['--proxy', `http://me:p%40ss@127.0.0.1:${proxy.port}`, '--no-stream'];
    const ended = await stage.run(onceAt(workspace.root, 'http://api.example.test/v1', ...proxied), {
      environment: { SLUICE_API_KEY: KEY },
    });
    expect({ code: ended.code, ...ended.summary }).toMatchObject({ code: 0, succeeded: 1, attempts: 1 });
    expect(proxy.asked).toContain('POST http://api.example.test/v1/chat/completions');
    expect(api.calls.map(({ headers }) => headers.host)).toEqual(['api.example.test']);
    expect(proxy.heard.at(-1)?.['proxy-authorization']).toBe(AUTHORIZED);

    // A command that asks for the list of models goes the same way, also where the configuration says so.
    await writeFile(join(workspace.root, 'sluice.config.yaml'), `proxy: http://me:p%40ss@127.0.0.1:${proxy.port}\n`);
    const before = proxy.asked.length;
    const about = [
      'a.txt',
      '--root',
      workspace.root,
      '--api',
      'http://api.example.test/v1',
      '--model',
      'm',
      '-p',
      'Sum up.',
    ];
    const rendered = await stage.run(['render', ...about], { environment: { SLUICE_API_KEY: KEY } });
    expect(rendered.code).toBe(0);
    expect(proxy.asked.slice(before)).toContain('GET http://api.example.test/v1/models');
  });

  test('that speaks no TLS, though its URL says so, is not taken for the API: nobody is told to send the key without TLS', async () => {
    const api = await startApi(true);
    const proxy = await startProxy(api.port);
    const { workspace, ca } = await workspaceOf('a.txt');
    const url = `https://localhost:${api.port}/v1`;
    const flags = ['--proxy', `https://127.0.0.1:${proxy.port}`, '--retries', '1', '--retry-delay', '0.05'];
    const { code, summary, stderr } = await stage.run(onceAt(workspace.root, url, ...flags), {
      environment: { NODE_EXTRA_CA_CERTS: ca, SLUICE_API_KEY: KEY },
    });
    expect({ code, ...summary }).toMatchObject({ code: 7, failed: 0, pending: 1, inDoubt: 0 });
    expect(stderr).toContain('cannot be reached');
    expect(stderr).not.toContain('set --api to http://');
  });

  test.each(['407 Proxy Authentication Required', '403 Forbidden', '502 Bad Gateway'])(
    'is out of reach where the proxy refuses: %s; nothing left, and documents wait',
    async (refusal) => {
      const api = await startApi(true);
      const proxy = await startProxy(api.port, refusal);
      const { workspace, ca } = await workspaceOf('a.txt', 'b.txt');
      const url = `https://localhost:${api.port}/v1`;
      const patience = ['--retries', '1', '--retry-delay', '0.05'];
      const { code, summary, stderr } = await stage.run(
        onceAt(workspace.root, url, '--proxy', `http://127.0.0.1:${proxy.port}`, ...patience),
        { environment: { NODE_EXTRA_CA_CERTS: ca, SLUICE_API_KEY: KEY } },
      );
      expect({ code, ...summary }).toMatchObject({ code: 7, failed: 0, pending: 2, inDoubt: 0 });
      expect(api.calls).toEqual([]);
      expect(stderr).toContain(`proxy: HTTP ${refusal.slice(0, 3)}`);
      expect(proxy.asked.length).toBeGreaterThan(0);
    },
  );
});

const variables = (port: number) => ({
  HTTPS_PROXY: `http://127.0.0.1:${port}`,
  SLUICE_API_KEY: KEY,
  // The certificate is not that of the name which is asked for here.
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
});

describe('the variables for proxies', () => {
  test('are followed with --proxy env', async () => {
    const api = await startApi(true);
    const proxy = await startProxy(api.port);
    const { workspace } = await workspaceOf('a.txt');
    const flags = onceAt(workspace.root, 'https://api.example.test/v1', '--proxy', 'env');
    const { summary } = await stage.run(flags, { environment: variables(proxy.port) });
    expect(summary).toMatchObject({ succeeded: 1, attempts: 1 });
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT api.example.test:443']));
  });

  test.each<readonly [string, readonly string[]]>([
    ['without it', []],
    ['for this machine', ['--proxy', 'env']],
  ])('are not followed %s', async (_, flags) => {
    const api = await startApi(true);
    const proxy = await startProxy(api.port);
    const { workspace } = await workspaceOf('a.txt');
    const { summary } = await stage.run(onceAt(workspace.root, `https://localhost:${api.port}/v1`, ...flags), {
      environment: variables(proxy.port),
    });
    expect(summary).toMatchObject({ succeeded: 1 });
    expect(proxy.asked).toEqual([]);
  });

  test('that are no proxy are named', async () => {
    const { workspace } = await workspaceOf('a.txt');
    const { code, stderr } = await stage.run(onceAt(workspace.root, 'https://api.example.test/v1', '--proxy', 'env'), {
      environment: { SLUICE_API_KEY: KEY, HTTPS_PROXY: 'socks5://me:p@ss@host:1' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^(?!.*p@ss)[^]*--proxy env: the variable for https:/);
  });
});
