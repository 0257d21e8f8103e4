import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

export interface HoldingServer {
  /** The base URL to give as `--api`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const ANSWER = JSON.stringify({
  id: 'gen-1',
  model: 'a/b',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Read.' } }],
  // It does not count what it reads.
  usage: { prompt_tokens: 0, completion_tokens: 1, total_tokens: 1, cost: 0 },
});

/** So that it is sent what OpenRouter takes: PDFs as they are. */
const PLAYS_OPENROUTER = { 'x-sluice-simulator': 'openrouter' };

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
}

/**
 * Reads calls to their end, keeps nothing of them, and answers when `count` are there, all at once. `onFull` runs then,
 * before the answers. Knows no models.
 */
export async function startHoldingServer(count: number, onFull: () => void): Promise<HoldingServer> {
  const held: ServerResponse[] = [];
  const hold = (response: ServerResponse): void => {
    held.push(response);
    if (held.length < count) return;
    onFull();
    for (const waiting of held.splice(0)) answer(waiting);
  };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'POST') hold(response);
      else response.writeHead(404, PLAYS_OPENROUTER).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
