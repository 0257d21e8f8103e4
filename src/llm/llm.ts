import type { Models } from '../domain/models.ts';
import type { Llm, Price, Prices } from '../domain/ports.ts';
import { asAmount, asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import type { Api } from './api.ts';
import { type Catalogue, type Get, loadCatalogue } from './catalogue.ts';
import { call } from './http/call.ts';
import { createHttpClient, type HttpClient } from './http/client.ts';
import { createModels } from './models.ts';
import { createJsonReader } from './reply/parse.ts';
import { createRedactions } from './reply/redact.ts';
import { prepareRequest } from './request/prepared-request.ts';

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
  /** Let the API keep answers for a day, if it can, and give them again, free, for the same request. */
  readonly replayCache: boolean;
  /**
   * For replies that report tokens but no cost: it is worked out then, and unknown without a price. What the API says wins.
   * @default no price is known
   */
  readonly prices?: Prices;
  /**
   * What no provider of a model may ask more than, if the API can be told so; null asks at any price.
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
  /** Asks, free of charge, whether the account is accepted again or the model on offer. Never rejects. */
  look(scope: 'account' | 'model', model: string): Promise<boolean>;
  /** Asks, free of charge, what the API says of its models; null if it says nothing. Never rejects. */
  catalogue(): Promise<Catalogue | null>;
  /** What the API says of its models; asked, free of charge, when it is first needed. */
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
  const requests = { ...settings, redactionFor: createRedactions(key) };
  return {
    prepare: (prompt) => prepareRequest(http, prompt, requests),
    look: (scope, model) => (scope === 'account' ? lookAtAccount(api, get, model) : lookForModel(get, model)),
    catalogue: () => loadCatalogue(get),
    models: createModels(api, () => loadCatalogue(get)),
    close: () => http.close(),
  };
}

/** Free requests: they never take longer than half a minute. */
function createGet(http: HttpClient, settings: LlmSettings): Get {
  const limits = { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, LONGEST_LOOK_SECONDS) };
  return (path) => call(http, { method: 'GET', path }, createJsonReader(), limits).result;
}

/**
 * Whether the account may call `model` again. OpenRouter and what is shaped like it say at `/key` what is left. Other
 * APIs, and those that have there neither a key to show nor a refusal, are taken to accept the account when they list
 * their models to it.
 */
async function lookAtAccount(api: Api, get: Get, model: string): Promise<boolean> {
  if (!api.sendsReasoning) return listsModels(get);
  const { status, body } = await get('/key');
  if (status !== null && REFUSALS.has(status)) return false;
  const key = asObject(body)['data'];
  return status === 200 && isRecord(key) ? hasCredit(key, model) : listsModels(get);
}

const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403]);

/**
 * Whether the API offers the model, as far as a list of models shows. It names neither aliases (`~author/x-latest`)
 * nor presets (`@preset/x`): of those the next call will show.
 */
async function lookForModel(get: Get, model: string): Promise<boolean> {
  if (/^[~@]/.test(model)) return true;
  const { status, body } = await get('/models');
  return status === 200 && asArray(asObject(body)['data']).some((entry) => isModel(entry, model));
}

async function listsModels(get: Get): Promise<boolean> {
  const { status } = await get('/models');
  return status === 200;
}

function hasCredit(key: JsonRecord, model: string): boolean {
  const left = key['limit_remaining'];
  if (typeof left === 'number' && left <= 0) return false;
  return !model.endsWith(':free') || asAmount(asObject(key['free_model_daily_requests'])['remaining']) !== 0;
}

/** Variants such as `:nitro` are not listed by themselves, and Ollama lists what has no tag as `:latest`. */
function isModel(entry: unknown, model: string): boolean {
  const id = asObject(entry)['id'];
  return id === model || id === `${model}:latest` || id === model.replace(/:[^:]*$/, '');
}
