import http, { type ClientRequest, type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import { unescape } from 'node:querystring';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { errorCode, errorMessage } from '../../lib/errors.ts';

/** Idle connections are closed before servers do it (Node's close after 5 s): a request never meets a closing one. */
const IDLE_MS = 4000;

/** As axios sets it for every request; another value would cost two system calls per call. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** The connections to the API, kept alive between calls. */
export interface Connections {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: http.Agent;
  /**
   * True if the request never had an open connection (over TLS: a trusted one, also through a proxy), so that nothing of it
   * was sent.
   */
  neverSent(request: ClientRequest | undefined): boolean;
  close(): void;
}

/**
 * Notes in `opened` which connections of an agent were opened, by `event`. Closes an idle one on which bytes come: the
 * next request would take them for its reply, and one document's answer would be filed under another's name.
 */
function watched<A extends http.Agent>(agent: A, event: 'connect' | 'secureConnect', opened: WeakSet<Duplex>): A {
  const create = agent.createConnection.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);
  return Object.assign(agent, {
    createConnection(to: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void) {
      const socket = create(to, callback);
      socket?.once(event, () => opened.add(socket));
      return socket;
    },
    keepSocketAlive: (idle: Duplex) => keep(idle.on('data', destroy)),
    reuseSocket: (idle: Duplex, request: ClientRequest) => reuse(idle.off('data', destroy), request),
  });
}

function destroy(this: Duplex): void {
  this.destroy();
}

/** Opens no more than `limit` connections at a time: over TLS through a tunnel of `proxy`, if there is one. */
export function createConnections(limit: number, proxy: URL | null = null): Connections {
  const opened = new WeakSet<Duplex>();
  const options = {
    keepAlive: true,
    keepAliveMsecs: TCP_KEEP_ALIVE_MS,
    maxSockets: limit,
    maxFreeSockets: limit,
    timeout: IDLE_MS,
  };
  const httpAgent = watched(new http.Agent(options), 'connect', opened);
  const overTls = proxy === null ? new https.Agent(options) : new TunnelAgent(proxy, options);
  const httpsAgent = watched(overTls, 'secureConnect', opened);
  return {
    httpAgent,
    httpsAgent,
    neverSent: (request) => request?.socket == null || !opened.has(request.socket),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** A proxy that takes longer to open a tunnel does not answer. */
const LONGEST_OPENING_MS = 30_000;

/** Opens a tunnel for each connection. What the library says in a proxy's name if that refuses: see `neverSent`. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #opening = new Set<AbortController>();

  constructor(proxy: URL, options: http.AgentOptions) {
    // The library writes the URL wherever DEBUG asks for it: a password does not stand in it.
    super(`${proxy.protocol}//${proxy.host}`, { ...options, headers: proxyHeaders(proxy) });
    this.protocol = 'https:';
  }

  /** The library by itself waits for ever, also for a call that was given up. */
  override async connect(...args: Parameters<HttpsProxyAgent<string>['connect']>): Promise<Socket> {
    const opening = new AbortController();
    const late = setTimeout(() => opening.abort(), LONGEST_OPENING_MS);
    this.#opening.add(opening);
    // The connection to the proxy is made of these at once.
    this.connectOpts = { ...this.connectOpts, signal: opening.signal };
    try {
      return await super.connect(...args);
    } catch (error) {
      const code = opening.signal.aborted ? 'no answer' : errorCode(error) || 'no answer';
      throw Object.assign(new Error(errorMessage(error)), { code: `proxy: ${code}` });
    } finally {
      clearTimeout(late);
      this.#opening.delete(opening);
    }
  }

  override destroy(): void {
    for (const opening of this.#opening) opening.abort();
    super.destroy();
  }
}

/** What a proxy is told beside the request: who asks. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${unescape(username)}:${unescape(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

const LONGEST_HANDSHAKE_MS = 3000;

/** Whether a server shakes hands over TLS at this address. Nothing is sent to it. Never rejects. */
export function takesTls({ hostname, port }: Pick<URL, 'hostname' | 'port'>): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // Whose certificate it is does not matter here.
    const options = { rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) };
    const socket = connect({ host, port: Number(port === '' ? 80 : port), ...options });
    const end = (takes: boolean): void => {
      resolve(takes);
      socket.destroy();
    };
    socket.setTimeout(LONGEST_HANDSHAKE_MS, () => end(false));
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
