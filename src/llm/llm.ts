import { filter, map, type Observable } from 'rxjs';
import type { Models } from '../domain/models.ts';
import type { Llm, PreparedRequest, Price, Prices } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import type { Api } from './api.ts';
import { type Catalogue, loadCatalogue } from './catalogue.ts';
import { type CallProgress, call } from './http/call.ts';
import { createHttpClient, type HttpClient } from './http/client.ts';
import { type Get, lookAtAccount, lookForModel } from './look-up.ts';
import { createModels } from './models.ts';
import { createJsonReader } from './reply/parse.ts';
import { createScrubs } from './reply/redact.ts';
import { createPreparedRequest, pricedRequest, type RequestSettings } from './request/prepared-request.ts';

export interface LlmSettings {
  /** With its base URL filled in. */
  readonly api: Api;
  /** Null sends none. */
  readonly key: string | null;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`. */
  readonly reasoning: string;
  readonly stream: boolean;
  /** For an attempt as a whole. */
  readonly timeoutSeconds: number;
  /** Silence on the socket after the first byte of the body. */
  readonly idleTimeoutSeconds: number;
  /** Let the API keep answers for a day, where it can, and give them again, free, for the same request. */
  readonly replayCache: boolean;
  /**
   * For replies that tell tokens but no cost: it is worked out then, and unknown without a price. What the API tells wins.
   * @default nobody knows a price
   */
  readonly prices?: Prices;
  /**
   * What no provider of a model may ask more than, where the API can be told so; null asks at any price.
   * @default null
   */
  readonly maxPrice?: ((model: string) => Price | null) | null;
  /** Calls in flight at most. */
  readonly connections: number;
  /** Ours, for the User-Agent. */
  readonly version: string;
  /**
   * How often an attempt repeats a call that certainly never reached the API.
   * @default 3
   */
  readonly retryLimit?: number;
}

/** The client of one API. */
export interface LlmClient extends Llm {
  /** Asks, free of charge, whether the account is accepted again or the model on offer. Emits once; never errors. */
  look(scope: 'account' | 'model', model: string): Observable<boolean>;
  /** Asks, free of charge, what the API tells of its models. Emits once, null where it tells nothing; never errors. */
  catalogue(): Observable<Catalogue | null>;
  /** What the API tells of its models; asked, free of charge, when somebody wants to know. */
  readonly models: Models;
  /** Closes all connections, also those in use. */
  close(): void;
}

/** A call that was aborted may still hold its connection when the next one starts, and `look` needs one. */
const SPARE_CONNECTIONS = 2;

const LONGEST_LOOK_SECONDS = 30;

export function createLlm(settings: LlmSettings): LlmClient {
  const { api, key, retryLimit = 3 } = settings;
  const connections = settings.connections + SPARE_CONNECTIONS;
  const http = createHttpClient({ baseUrl: api.baseUrl, key, connections, version: settings.version, retryLimit });
  const get = createGet(http, settings);
  const requests = { ...settings, scrubFor: createScrubs(key) };
  return {
    prepare: (prompt) => prepare(http, prompt, requests),
    look: (scope, model) => (scope === 'account' ? lookAtAccount(api, get, model) : lookForModel(get, model)),
    catalogue: () => loadCatalogue(get),
    models: createModels(api, () => loadCatalogue(get)),
    close: () => http.close(),
  };
}

function prepare(http: HttpClient, prompt: Prompt, settings: RequestSettings & LlmSettings): PreparedRequest {
  const request = createPreparedRequest(http, prompt, settings);
  return settings.prices === undefined ? request : pricedRequest(request, settings.prices, prompt.model);
}

/** Free requests: they never take longer than half a minute. */
function createGet(http: HttpClient, settings: LlmSettings): Get {
  const limits = { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, LONGEST_LOOK_SECONDS) };
  return (path) =>
    call(http, { method: 'GET', path }, createJsonReader, limits).pipe(
      filter(isEnded),
      map(({ result }) => result),
    );
}

type Ended<T> = Extract<CallProgress<T>, { kind: 'ended' }>;

function isEnded<T>(progress: CallProgress<T>): progress is Ended<T> {
  return progress.kind === 'ended';
}
