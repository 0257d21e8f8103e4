import { createServer, type ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { bufferCount, firstValueFrom, lastValueFrom, map, merge, Subject, share, take, toArray } from 'rxjs';
import type { LlmClient } from '../../src/llm/llm.ts';
import { answerBody, clientFor, closed, listen, STARTED_AT, sendJson } from './support.ts';

const MEGABYTE = 1_000_000;
const CALLS = 8;

/** A server that reads so many requests to their end, keeps nothing of them, and answers all when it is told to. */
async function holdingServer(count: number) {
  const ended = new Subject<ServerResponse>();
  const server = createServer((request, response) => {
    request.on('end', () => ended.next(response)).resume();
  });
  const responses = firstValueFrom(ended.pipe(bufferCount(count)));
  return { server, url: `http://127.0.0.1:${await listen(server)}`, responses };
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
function attemptOf(client: LlmClient, number: number) {
  const bytes = Buffer.alloc(20 * MEGABYTE, `${number} `);
  const document =
    number % 2 === 0
      ? ({ kind: 'text', text: bytes.toString() } as const)
      : ({ kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes } as const);
  const content = [{ kind: 'text', text: 'What is it about?' }, document] as const;
  return client
    .prepare({ model: 'a/b', messages: [{ role: 'user', content }] })
    .attempt({ number, startedAt: STARTED_AT, anew: false });
}

test('calls in flight hold nothing of what they sent', async () => {
  const { server, url, responses } = await holdingServer(CALLS);
  const client = clientFor(url, { connections: CALLS });
  const before = usedBytes();
  const progress = merge(...Array.from({ length: CALLS }, (_, index) => attemptOf(client, index + 1))).pipe(
    map(({ kind }) => kind),
    share(),
  );
  const kinds = lastValueFrom(progress.pipe(toArray()));
  await lastValueFrom(progress.pipe(take(CALLS)));
  const held = await responses;
  const during = usedBytes();
  for (const response of held) sendJson(response, 200, answerBody());
  const told = await kinds;
  client.close();
  await closed(server, () => server.closeAllConnections());
  expect(told.slice(0, CALLS)).toEqual(Array.from({ length: CALLS }, () => 'sent'));
  expect(told.filter((kind) => kind === 'ended')).toHaveLength(CALLS);
  // One body has at least 20 MB.
  expect(during - before).toBeLessThan(20 * MEGABYTE);
}, 60_000);
