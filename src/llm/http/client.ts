import { ClientRequest, type IncomingMessage } from 'node:http';
import {
  Axios,
  type AxiosInstance,
  type AxiosRequestConfig,
  type GenericAbortSignal,
  isAxiosError,
  isCancel,
} from 'axios';
import axiosRetry from 'axios-retry';
import { errorCode, errorMessage } from '../../lib/errors.ts';
import type { Header } from '../access.ts';
import type { Preset } from '../presets.ts';
import { createConnections, takesTls } from './connections.ts';
import { type ContentConfig, createTransport, type RawHeaders, type RequestContent } from './transport.ts';

export interface HttpSettings {
  readonly baseUrl: string;
  /** Null sends none. */
  readonly key: string | null;
  /** Through which the API is reached. @default none */
  readonly proxy?: string | null;
  /** Further headers of each call; they replace ours of the same name. @default none */
  readonly headers?: readonly Header[];
  /** Tell OpenRouter which program asks. @default false */
  readonly introduces?: boolean;
  /** Calls in flight at most. */
  readonly connections: number;
  /** Ours, for the User-Agent. */
  readonly version: string;
  /**
   * How often a call that certainly never reached the API is repeated: after 200 ms, then twice as long each time.
   * @default 3
   */
  readonly retryLimit?: number;
  /** Variables that name a proxy, which is not used: told where the API cannot be reached. @default none */
  readonly unusedProxies?: readonly string[];
  /** The API is a server on this machine, which this command starts (null: unknown). @default it is none */
  readonly local?: Pick<Preset, 'startedBy'> | null;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What the path is below: the base URL, or its host. @default base */
  readonly below?: 'base' | 'root';
  /** Of a POST. */
  readonly content?: RequestContent;
}

/** A reply, its body still to come; or why none came. `sent` is false only if the request certainly never left. */
type HttpAnswer =
  | { readonly stream: IncomingMessage; readonly sent: true; readonly failure: null }
  | { readonly stream: null; readonly sent: boolean; readonly failure: CallFailure };

export interface HttpClient {
  /** Resolves with the head of the reply, whatever its status. Never rejects. */
  send(request: HttpRequest, signal: Cancellation): Promise<HttpAnswer>;
  close(): void;
}

/** A call that was aborted may still hold its connection when the next one starts, and a look at the account needs one. */
const SPARE_CONNECTIONS = 2;

const FIRST_WAIT_MS = 200;

/** OpenRouter tells apps apart by it. A reserved name: the program has no page of its own. */
const APP_URL = 'https://sluice.example';

/**
 * Speaks HTTP through axios, and its own transport. It follows no redirect (a 307 would carry the document elsewhere),
 * uses no proxy but the one it is given, unpacks nothing itself, and sets no timeout: that of axios starts again with every byte.
 */
export function createHttpClient(settings: HttpSettings): HttpClient {
  const { baseUrl, retryLimit = 3, unusedProxies = [], local = null } = settings;
  const url = new URL(baseUrl);
  const folder = url.pathname.replace(/\/$/, '');
  const proxy = settings.proxy == null ? null : new URL(settings.proxy);
  const tunnel = url.protocol === 'https:' ? proxy : null;
  /** The server may take TLS alone: true until it has answered without TLS. */
  let mayNeedTls = url.protocol === 'http:' && proxy === null;
  const connections = createConnections(settings.connections + SPARE_CONNECTIONS, tunnel);
  // The class, not an instance of axios: that merges the defaults of its own adapters into each request, for two thirds
  // of what axios costs (39 µs, against 13 µs).
  const axios = new Axios({ adapter: createTransport(baseUrl, headersFor(settings), connections, proxy) });
  const { interceptors, defaults } = axios;
  const request = (config: AxiosRequestConfig & ContentConfig) => axios.request<IncomingMessage>(config);
  // oxlint-disable-next-line no-unsafe-type-assertion -- axios-retry uses no more of an instance, and that it can be called
  axiosRetry(Object.assign(request, { interceptors, defaults }) as AxiosInstance, {
    retries: retryLimit,
    retryCondition: (error) => !isCancel(error) && connections.neverSent(requestOf(error)),
    retryDelay: (count) => FIRST_WAIT_MS * 2 ** (count - 1),
  });
  /** Why no reply came. */
  function failureOf(error: unknown, sent: boolean): CallFailure {
    const code = errorCode(error);
    // Without TLS, all that a connection can fail at is the proxy; with it, nonsense in place of a tunnel is of the proxy, too.
    const isForProxy = !sent && proxy !== null && (tunnel === null || code.startsWith('HPE_'));
    const failure = networkFailure(isForProxy ? `proxy: ${code}` : code, sent);
    if (failure.kind !== 'unreachable') return failure;
    // With a proxy it may be that one which speaks no TLS.
    if (proxy === null && NO_TLS_WORDS.test(`${failure.detail} ${errorMessage(error)}`)) return NO_TLS;
    if (local !== null && failure.detail === 'ECONNREFUSED')
      return { kind: 'nothing-listens', detail: local.startedBy ?? 'check --api' };
    const unused = unusedProxies.map((name) => `${name} is set but not used: see --proxy`);
    return { ...failure, detail: [failure.detail, ...unused].join(', ') };
  }

  return {
    async send({ method, path, below = 'base', content }, signal) {
      try {
        const asked = { method, url: below === 'root' ? path : folder + path, content, signal };
        const { data, status, request: carried } = await request(asked);
        if (status !== 400 || isJson(data)) mayNeedTls = false;
        const proxyRefused = connections.neverSent(carried);
        // Some servers tell by a page that they take TLS alone.
        if (!proxyRefused && !(mayNeedTls && (await takesTls(url)))) return { stream: data, sent: true, failure: null };
        data.on('error', () => undefined).destroy();
        // The proxy opened no way to the API, and says why.
        const failure = proxyRefused ? networkFailure(`proxy: HTTP ${status}`, false) : TLS_ALONE;
        return { stream: null, sent: false, failure };
      } catch (error) {
        // An axios error ends here: it holds the key and the document.
        const sent = !connections.neverSent(requestOf(error));
        if (mayNeedTls && method === 'POST' && sent && !isCancel(error) && (await takesTls(url)))
          return { stream: null, sent: false, failure: TLS_ALONE };
        return { stream: null, sent, failure: failureOf(error, sent) };
      }
    },
    close: () => connections.close(),
  };
}

const TLS_ALONE: CallFailure = { kind: 'tls-alone', detail: 'TLS' };
const NO_TLS: CallFailure = { kind: 'no-tls', detail: 'no TLS' };

function isJson({ headers }: IncomingMessage): boolean {
  return /\bjson\b/i.test(headers['content-type'] ?? '');
}

/** For OpenRouter's lists of programs. */
const INTRODUCTION: readonly Header[] = [
  ['HTTP-Referer', APP_URL],
  ['X-OpenRouter-Title', 'sluice'],
];

function headersFor({ key, headers = [], introduces = false, version }: HttpSettings): RawHeaders {
  const ours: readonly Header[] = [
    ...(key === null ? [] : [['Authorization', `Bearer ${key}`] as const]),
    ['Content-Type', 'application/json'],
    ['Accept', 'application/json, text/event-stream'],
    ['Accept-Encoding', 'identity'],
    ...(introduces ? INTRODUCTION : []),
    ['User-Agent', `sluice/${version}`],
  ];
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  return [...ours.filter(([name]) => !given.has(name.toLowerCase())), ...headers].flat();
}

function requestOf(error: unknown): ClientRequest | undefined {
  return isAxiosError(error) && error.request instanceof ClientRequest ? error.request : undefined;
}

/** What axios and axios-retry ask of a signal. It takes 0.1 µs and 0.4 KB a call, an `AbortController` 5 µs and 2 KB. */
export class Cancellation implements GenericAbortSignal {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    this.#aborted = true;
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      listener();
    }
  }

  /** Calls once: there is no event but `abort`. */
  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** What kept a call from coming to its end. */
export type FailureKind =
  | 'unreachable'
  | 'nothing-listens'
  | 'certificate-refused'
  | 'tls-alone'
  | 'no-tls'
  | 'connection-reset'
  | 'malformed-reply'
  | 'encoded-reply'
  | 'oversized-reply'
  | 'deadline'
  | 'idle';

export interface CallFailure {
  readonly kind: FailureKind;
  /** The system's code (`EHOSTUNREACH`), with what may explain it; the limit that was passed; what helps. Never text of a server. */
  readonly detail: string;
}

/** The failure behind a system or parser code. `sent` is false if the request certainly never left. */
export function networkFailure(code: string, sent: boolean): CallFailure {
  const detail = code === '' ? 'unknown' : code;
  if (isOfProxy(detail)) return { kind: 'unreachable', detail };
  if (!sent) return { kind: CERTIFICATE_CODES.test(code) ? 'certificate-refused' : 'unreachable', detail };
  return { kind: MALFORMED_CODES.test(code) ? 'malformed-reply' : 'connection-reset', detail };
}

/** Whether it was not the API, but the proxy before it, that a call failed at. */
export function isOfProxy(detail: string): boolean {
  return detail.startsWith('proxy: ');
}

/** What node's HTTP parser, zlib and Brotli say of bytes that are not what they should be. */
const MALFORMED_CODES = /^(?:HPE|Z|ERR__ERROR)_/;

/** OpenSSL's words for a certificate that does not hold, as Node passes them on. */
const CERTIFICATE_CODES =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;

/** OpenSSL's words where the other side does not speak TLS. */
const NO_TLS_WORDS = /wrong[_ ]version[_ ]number|packet[_ ]length[_ ]too[_ ]long|:http request/i;
