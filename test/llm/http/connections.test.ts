import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { LlmClient } from '../../../src/llm/llm.ts';
import { until } from '../../support/until.ts';
import { clientFor, outcomeOf } from '../support.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
const clients: LlmClient[] = [];

function reply(content: string): string {
  const body = JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }], usage: { cost: 0 } });
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Answers the n-th request of all connections, and then says `more` as if it had been asked again. */
async function talkative(more: (count: number) => string, afterMs: number): Promise<string> {
  let count = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (!data.toString('latin1').startsWith('POST')) return;
      count += 1;
      socket.write(reply(`answer ${count}`));
      setTimeout(() => socket.destroyed || socket.write(more(count)), afterMs);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/v1`;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a connection that is kept alive', () => {
  test('is used again', async () => {
    const client = clientFor(await talkative(() => '', 0), { stream: false });
    clients.push(client);
    for (const expected of ['answer 1', 'answer 2', 'answer 3']) {
      const outcome = await outcomeOf(client);
      expect(outcome.reply?.text).toBe(expected);
    }
    expect(sockets).toHaveLength(1);
  });

  test('is closed by what was not asked for, so that no document gets the answer of another', async () => {
    const client = clientFor(await talkative((count) => reply(`stale ${count}`), 10), { stream: false });
    clients.push(client);
    for (let count = 1; count <= 5; count += 1) {
      const outcome = await outcomeOf(client);
      expect(outcome.reply?.text).toBe(`answer ${count}`);
      await until('the connection is closed', () => sockets.every(({ destroyed }) => destroyed));
    }
    expect(sockets).toHaveLength(5);
  });
});
