import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseJson } from '../../src/lib/json.ts';

export interface RecordingServer {
  /** The base URL to give as `--api`. */
  readonly url: string;
  /** The parsed bodies of all POSTs so far, in order of arrival. */
  readonly bodies: readonly unknown[];
  readonly close: () => Promise<void>;
}

/** Stands before another server, hands all on as it is, and keeps the bodies. */
export async function startRecordingServer(upstream: string): Promise<RecordingServer> {
  const bodies: unknown[] = [];
  const server = createServer((incoming, response) => {
    handOn(new URL(upstream), incoming, response, (body) => bodies.push(body)).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}${new URL(upstream).pathname}`,
    bodies,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function handOn(
  { hostname, port }: URL,
  incoming: IncomingMessage,
  response: ServerResponse,
  record: (body: unknown) => void,
): Promise<void> {
  const { method, url, headers } = incoming;
  const body = await buffer(incoming);
  if (method === 'POST') record(parseJson(body.toString()));
  const outgoing = httpRequest({ hostname, port, path: url, method, headers, agent: false });
  outgoing.end(body);
  const [reply] = await once(outgoing, 'response');
  response.writeHead(reply.statusCode, reply.headers);
  await pipeline(reply, response);
}
