import { createServer, type ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { AttemptListener } from '../../src/domain/ports.ts';
import type { LlmClient } from '../../src/llm/llm.ts';
import { until } from '../support/until.ts';
import { answerBody, clientFor, closed, listen, STARTED_AT, sendJson } from './support.ts';

const MEGABYTE = 1_000_000;
const CALLS = 8;

/** A server that reads requests to their end, keeps nothing of them, and holds their replies. */
async function holdingServer() {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.on('end', () => held.push(response)).resume();
  });
  return { server, url: `http://127.0.0.1:${await listen(server)}`, held };
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Files and texts in turn. */
function start(client: LlmClient, number: number, listener: AttemptListener) {
  const bytes = Buffer.alloc(20 * MEGABYTE, `${number} `);
  const document =
    number % 2 === 0
      ? ({ kind: 'text', text: bytes.toString() } as const)
      : ({ kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes } as const);
  const content = [{ kind: 'text', text: 'What is it about?' }, document] as const;
  return client
    .prepare({ model: 'a/b', messages: [{ role: 'user', content }] })
    .attempt({ number, startedAt: STARTED_AT, skipCache: false }, listener);
}

test('calls in flight hold nothing of what they sent', async () => {
  const { server, url, held } = await holdingServer();
  const client = clientFor(url, { connections: CALLS });
  const before = usedBytes();
  let sent = 0;
  const listener: AttemptListener = {
    sent: () => {
      sent += 1;
    },
    head: () => undefined,
  };
  const attempts = Array.from({ length: CALLS }, (_, index) => start(client, index + 1, listener));
  await until('all calls are in flight', () => sent === CALLS && held.length === CALLS);
  const during = usedBytes();
  for (const response of held)
    sendJson(response, 200, answerBody('A short answer.', { usage: { prompt_tokens: 10 * MEGABYTE } }));
  const outcomes = await Promise.all(attempts.map(({ outcome }) => outcome));
  client.close();
  await closed(server, () => server.closeAllConnections());
  expect(sent).toBe(CALLS);
  expect(outcomes.map(({ verdict }) => verdict.kind)).toEqual(Array.from({ length: CALLS }, () => 'answer'));
  // One body has at least 20 MB.
  expect(during - before).toBeLessThan(20 * MEGABYTE);
}, 60_000);
