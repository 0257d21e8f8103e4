import http, { type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import https from 'node:https';
import { type AxiosAdapter, AxiosError, CanceledError, type InternalAxiosRequestConfig } from 'axios';
import { errorCode } from '../../lib/errors.ts';
import { type Connections, proxyHeaders } from './connections.ts';

/** Names and values in turn: node writes them as they are, for half of what it costs to set each. */
export type RawHeaders = readonly string[];

export interface ContentConfig {
  /** In place of axios's own `data`, which would hold the bytes until the reply is read. */
  readonly content?: RequestContent | undefined;
}

/**
 * Carries what axios asks for by node's own client, and resolves at the reply's head. The adapter of axios does much that
 * must not happen here (redirects, proxies, unpacking, a timeout that starts again with every byte), and costs three times
 * as much for each call. `headers` are those of every request. A `proxy` is asked for the whole URL; if the API speaks
 * TLS, the connections lead through it.
 */
export function createTransport(
  baseUrl: string,
  headers: RawHeaders,
  connections: Connections,
  proxy: URL | null = null,
): AxiosAdapter {
  const open = requestsTo(new URL(baseUrl), headers, connections, proxy);
  return (config: InternalAxiosRequestConfig & ContentConfig) =>
    new Promise((resolve, reject) => {
      const { signal, content } = config;
      const request = open(config);
      let hasSettled = false;
      const abort = () => {
        request.destroy();
        // Nothing more is heard of it while a proxy is to open a connection for it.
        if (request.socket !== null || hasSettled) return;
        hasSettled = true;
        reject(failure(new Error('aborted without a connection'), config, request));
      };
      signal?.addEventListener?.('abort', abort);
      request.on('close', () => {
        signal?.removeEventListener?.('abort', abort);
        // After `101 Switching Protocols` there is neither a response nor an error.
        if (!hasSettled) reject(failure(new Error('closed without a reply'), config, request));
      });
      request.on('error', (error) => {
        hasSettled = true;
        reject(failure(error, config, request));
      });
      request.on('response', (response) => {
        hasSettled = true;
        const { statusCode = 0, statusMessage = '' } = response;
        resolve({ data: response, status: statusCode, statusText: statusMessage, headers: {}, config, request });
      });
      request.on('finish', () => {
        // What is written to a proxy that refuses goes nowhere.
        if (!connections.neverSent(request)) content?.sent();
      });
      request.end(content?.bytes);
      if (signal?.aborted === true) abort();
    });
}

/** What begins a request, to the API or the proxy before it. */
function requestsTo(api: URL, headers: RawHeaders, connections: Connections, proxy: URL | null) {
  const asked = proxy === null || api.protocol === 'https:' ? api : proxy;
  const { protocol, hostname, port } = asked;
  const secure = protocol === 'https:';
  const target: RequestOptions = {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port !== '' && { port }),
    agent: secure ? connections.httpsAgent : connections.httpAgent,
  };
  const client = secure ? https : http;
  const origin = asked === api ? '' : api.origin;
  const ofProxy = asked === api ? [] : Object.entries(proxyHeaders(asked)).flat();
  const ofEveryRequest: RawHeaders = ['Host', api.host, ...headers, ...ofProxy];
  return ({ method = 'GET', url = '', content }: InternalAxiosRequestConfig & ContentConfig) =>
    client.request({
      method,
      path: origin + url,
      headers:
        content === undefined
          ? ofEveryRequest
          : ofEveryRequest.concat(content.headers, 'Content-Length', String(content.length)),
      ...target,
    });
}

/** The errors that axios and axios-retry know: a cancelled call is never repeated. */
function failure(error: Error, config: InternalAxiosRequestConfig, request: http.ClientRequest): Error {
  if (config.signal?.aborted === true) return new CanceledError(undefined, config, request);
  return new AxiosError(error.message, errorCode(error), config, request);
}

const NO_HEADERS: RawHeaders = [];

/**
 * What one call sends. All that lives as long as the call (configurations, closures, the request) knows the bytes through
 * this alone: nothing holds them while the reply is waited for. A class, as axios copies plain objects.
 */
export class RequestContent {
  /** Beside those of every request. Not by axios: it takes headers apart, and puts them together again. */
  headers: RawHeaders = NO_HEADERS;
  /** Called once, when the request was written whole. */
  onSent: (() => void) | null = null;
  readonly length: number;
  #bytes: Buffer | null;

  constructor(bytes: Buffer) {
    this.length = bytes.length;
    this.#bytes = bytes;
  }

  /** Null once they have left. */
  get bytes(): Buffer | null {
    return this.#bytes;
  }

  /** For when the last of them was handed to the system: what was written whole is never repeated. */
  sent(): void {
    this.#bytes = null;
    this.onSent?.();
  }
}

/** Ask OpenRouter for the answer that it may have kept, and to keep a new one. `skipCache`: to forget the kept one. */
export function replayHeaders(skipCache: boolean): RawHeaders {
  return skipCache ? SKIPPED : KEPT;
}

/** For a day, in seconds: the longest that OpenRouter keeps an answer (docs: guides/features/response-caching). */
const KEPT: RawHeaders = ['X-OpenRouter-Cache', 'true', 'X-OpenRouter-Cache-TTL', '86400'];
const SKIPPED: RawHeaders = [...KEPT, 'X-OpenRouter-Cache-Clear', 'true'];

/** Whether the reply is one that was kept. Its usage is all zeros, its cost often left out. */
export function isReplayed(headers: IncomingHttpHeaders): boolean {
  return headers['x-openrouter-cache-status'] === 'HIT';
}
