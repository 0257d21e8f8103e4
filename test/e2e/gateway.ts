import { request as ask, createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Simulator } from '../../src/simulator/simulator.ts';

/** What a gateway does with a request: passes it on, sends a page of its own with this status, or drops it. */
export type GatewayMood = 'passes on' | 'drops' | number;

export interface Gateway {
  readonly url: string;
  /** How it treats requests from now on: calls, and what is free (@default as calls). */
  set(calls: GatewayMood, free?: GatewayMood): void;
  close(): Promise<void>;
}

/** A reverse proxy before a simulator, as nginx is one: it streams what it passes on. */
export async function startGateway({ port }: Pick<Simulator, 'port'>): Promise<Gateway> {
  let moods: { readonly calls: GatewayMood; readonly free: GatewayMood } = { calls: 'passes on', free: 'passes on' };
  const server = createServer((request, response) => {
    const mood = request.method === 'POST' ? moods.calls : moods.free;
    if (mood === 'passes on') {
      const { method, url, headers } = request;
      const onward = ask({ host: '127.0.0.1', port, method, path: url, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 0, reply.headers);
        reply.pipe(response);
      });
      onward.on('error', () => sendPage(response, 502));
      request.pipe(onward);
      return;
    }
    request.resume().on('end', () => (mood === 'drops' ? request.socket.destroy() : sendPage(response, mood)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    set: (calls, free = calls) => {
      moods = { calls, free };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendPage(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/html' }).end(`<html><h1>${status} of a gateway</h1></html>`);
}
