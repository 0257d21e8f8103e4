import { once } from 'node:events';
import { createServer } from 'node:http';

const ANSWER = JSON.stringify({
  id: 'gen-1',
  model: 'a/b',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Read.' } }],
  // It does not count what it reads.
  usage: { prompt_tokens: 0, completion_tokens: 1, total_tokens: 1, cost: 0 },
});

/** So that it is sent what OpenRouter takes: PDFs as they are. */
const PLAYS_OPENROUTER = { 'x-sluice-simulator': 'openrouter' };

/**
 * Reads calls to their end, keeps nothing of them, and answers none before `count` are there, all at once. Knows no
 * models.
 */
export async function startHoldingServer(count) {
  const held = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    const isCall = request.method === 'POST';
    request.on('data', (chunk) => (bytes += chunk.length));
    request.on('end', () => {
      if (!isCall) return response.writeHead(404, PLAYS_OPENROUTER).end();
      held.push(response);
      if (held.length < count) return;
      for (const waiting of held) waiting.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    received: () => ({ calls: held.length, megabytes: bytes / 1e6 }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
