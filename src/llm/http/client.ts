import { ClientRequest, type IncomingMessage } from 'node:http';
import axios, { type AxiosInstance, type GenericAbortSignal } from 'axios';
import axiosRetry from 'axios-retry';
import { errorCode } from '../../lib/errors.ts';
import { networkTrouble, type Trouble } from '../verdict/reply-meaning.ts';
import { type Connections, createConnections } from './connections.ts';
import { EqualWaits } from './timers.ts';
import { createTransport, type RawHeaders, type RequestBytes } from './transport.ts';

interface HttpSettings {
  readonly baseUrl: string;
  readonly key: string | null;
  /** Open at most. */
  readonly connections: number;
  /** Ours, for the User-Agent. */
  readonly version: string;
  /** How often a call that certainly never reached the API is repeated: after 200 ms, then twice as long each time. */
  readonly retryLimit: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL. */
  readonly path: string;
  /** Beside those of every request. */
  readonly headers?: RawHeaders;
  /** Let go of as soon as they were written whole. */
  readonly bytes?: RequestBytes;
  /** Told once, when the request was written whole. */
  readonly onSent?: () => void;
}

/** What a request brought: the reply, its body still to come, or nothing. `sent` is false only where it certainly never left. */
export type HttpAnswer =
  | { readonly stream: IncomingMessage; readonly status: number }
  | { readonly stream: null; readonly sent: boolean; readonly trouble: Trouble };

export interface HttpClient {
  /** Resolves with the head of the reply, whatever its status. Never rejects. */
  send(request: HttpRequest, signal: GenericAbortSignal): Promise<HttpAnswer>;
  /** The waits of this length of all calls. */
  readonly waits: (seconds: number) => EqualWaits;
  close(): void;
}

const FIRST_WAIT_MS = 200;

/** By this OpenRouter tells apps apart. A reserved name: the program has no page of its own. */
const APP_URL = 'https://sluice.example';

/**
 * Speaks HTTP through the one axios instance. It follows no redirect (a 307 would carry the document elsewhere), uses
 * no proxy, unpacks nothing, and sets no timeout: that of axios starts anew with every byte.
 */
export function createHttpClient(settings: HttpSettings): HttpClient {
  const connections = createConnections(settings.connections);
  const instance = createInstance(settings, connections);
  const waitsBySeconds = new Map<number, EqualWaits>();
  return {
    async send({ method, path, headers, bytes, onSent }, signal) {
      try {
        const request = { method, url: path, bytes, onSent, signal, rawHeaders: headers };
        const { data, status } = await instance.request<IncomingMessage>(request);
        return { stream: data, status };
      } catch (error) {
        // An axios error ends here: it holds the key and the document.
        const sent = !connections.neverSent(requestOf(error));
        return { stream: null, sent, trouble: networkTrouble(errorCode(error), sent) };
      }
    },
    waits: (seconds) => {
      const waits = waitsBySeconds.get(seconds) ?? new EqualWaits(seconds);
      waitsBySeconds.set(seconds, waits);
      return waits;
    },
    close: () => connections.close(),
  };
}

function createInstance(settings: HttpSettings, connections: Connections): AxiosInstance {
  const { baseUrl, retryLimit } = settings;
  const instance = axios.create({
    adapter: createTransport({ baseUrl, headers: headersFor(settings) }, connections),
    validateStatus: () => true,
  });
  for (const name of FOR_ITS_OWN_ADAPTERS) Reflect.deleteProperty(instance.defaults, name);
  const { requestInterceptorId } = axiosRetry(instance, {
    retries: retryLimit,
    retryCondition: (error) => !axios.isCancel(error) && connections.neverSent(requestOf(error)),
    retryDelay: (count) => FIRST_WAIT_MS * 2 ** (count - 1),
  });
  // It notes when a request began, for axios's timeout, which is not used; that is as dear as all else of axios-retry.
  instance.interceptors.request.eject(requestInterceptorId);
  return instance;
}

/** What axios would merge into each request anew, for two thirds of all that it costs, and our adapter does not heed. */
const FOR_ITS_OWN_ADAPTERS = [
  'env',
  'headers',
  'maxBodyLength',
  'maxContentLength',
  'timeout',
  'transformRequest',
  'transformResponse',
  'transitional',
  'xsrfCookieName',
  'xsrfHeaderName',
];

function headersFor({ key, version }: HttpSettings): RawHeaders {
  return Object.entries({
    ...(key !== null && { Authorization: `Bearer ${key}` }),
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'Accept-Encoding': 'identity',
    'HTTP-Referer': APP_URL,
    'X-OpenRouter-Title': 'sluice',
    'User-Agent': `sluice/${version}`,
  }).flat();
}

function requestOf(error: unknown): ClientRequest | undefined {
  return axios.isAxiosError(error) && error.request instanceof ClientRequest ? error.request : undefined;
}
