import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from '../certificate.ts';
import { attempt, closed, GOOD_STREAM, type Listening, listen, serveRaw } from '../support.ts';

/** A proxy that opens tunnels as `open` says. */
async function startProxy(open: (client: Socket, to: URL) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', ({ url = '' }: IncomingMessage, client: Socket) => {
    sockets.add(client.on('error', () => undefined));
    open(client, new URL(`http://${url}`));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return { url, close: () => closed(server, () => sockets.forEach((socket) => socket.destroy())) };
}

const through = (client: Socket, { port }: URL): void => {
  const onwards = connect(Number(port), '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
  onwards.on('error', () => client.destroy()).on('close', () => client.destroy());
  client.on('close', () => onwards.destroy());
  client.pipe(onwards).pipe(client);
};

const NOT_SENT = { billing: 'none', status: null };

test.each<readonly [string, (client: Socket) => void, RegExp]>([
  [
    'refuses',
    (client) => void client.end('HTTP/1.1 403 Forbidden\r\n\r\n{"error": {}}'),
    /^The proxy opens no way.*proxy: HTTP 403/,
  ],
  [
    'knows no CONNECT',
    (client) => void client.end('HTTP/1.1 405 Not Allowed\r\n\r\n'),
    /^The proxy .*knows no CONNECT.*HTTP 405/,
  ],
  ['wants a login', (client) => void client.end('HTTP/1.1 407 Login\r\n\r\n'), /^The proxy wants a login.*--proxy/],
  ['answers for the API', (client) => void client.end('HTTP/1.1 201 Created\r\n\r\n'), /proxy: HTTP 201/],
  ['answers nothing', (client) => void client.end(), /^The proxy cannot be reached.*(?:no answer|ECONNRESET)/],
  ['answers nonsense', (client) => void client.end('hello\r\n\r\n'), /^The proxy/],
  ['cuts', (client) => void client.destroy(), /^The proxy cannot be reached.*(?:no answer|ECONNRESET)/],
])('nothing leaves through a proxy that %s', async (_, open, detail) => {
  const proxy = await startProxy(open);
  const { record } = await attempt('https://api.example.test', { proxy: proxy.url, retryLimit: 1 });
  await proxy.close();
  expect(record).toMatchObject({ ...NOT_SENT, code: 'unreachable' });
  expect(record.message).toMatch(detail);
});

test('a proxy that never answers holds no call longer than its deadline, and no connection when all is over', async () => {
  let left = 0;
  const proxy = await startProxy((client) => {
    left += 1;
    client
      .on('close', () => (left -= 1))
      .on('end', () => client.end())
      .resume();
  });
  const { record } = await attempt('https://api.example.test', { proxy: proxy.url, timeoutSeconds: 0.2 });
  expect(record).toMatchObject({ ...NOT_SENT, code: 'deadline' });
  await until('the proxy is left alone', () => left === 0);
  await proxy.close();
});

test.each(['https', 'http'])('nothing leaves through a proxy that is not there: %s', async (scheme) => {
  const proxy = await startProxy(through);
  await proxy.close();
  const { record } = await attempt(`${scheme}://api.example.test`, { proxy: proxy.url, retryLimit: 1 });
  expect(record).toMatchObject({ ...NOT_SENT, code: 'unreachable' });
  expect(record.message).toMatch(/^The proxy cannot be reached.*proxy: ECONNREFUSED/);
});

test('nothing leaves through a tunnel whose TLS handshake breaks, or whose end is not trusted', async () => {
  const proxy = await startProxy(through);
  const breaking = await serveRaw((socket) => socket.once('data', () => socket.destroy()));
  const broken = await attempt(breaking.url.replace('http', 'https'), { proxy: proxy.url, retryLimit: 1 });
  await breaking.close();
  let requests = 0;
  const untrusted = createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (_, response) => {
    requests += 1;
    response.end(GOOD_STREAM);
  });
  const port = await listen(untrusted);
  const refused = await attempt(`https://localhost:${port}`, { proxy: proxy.url, retryLimit: 1 });
  await closed(untrusted, () => untrusted.closeAllConnections());
  await proxy.close();
  expect(broken.record).toMatchObject({ ...NOT_SENT, code: 'unreachable' });
  expect(refused.record).toMatchObject({ ...NOT_SENT, code: 'certificate-refused' });
  expect(requests).toBe(0);
});
