import type { Llm } from '../domain/ports.ts';
import { asAmount, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import { secretsOf } from './access.ts';
import { type Api, CUSTOM, simulated } from './api.ts';
import { type Catalogue, isNeverListed, loadCatalogue, readCatalogue, withoutVariant } from './catalogue.ts';
import { type Get, loadedContext } from './contexts.ts';
import { type HttpResult, startHttpCall } from './http/call.ts';
import { type CallFailure, createHttpClient, type HttpSettings } from './http/client.ts';
import { createJsonReader, createReplyReader } from './reply/parse.ts';
import { createRedactions } from './reply/redact.ts';
import { Learned } from './request/learned.ts';
import { prepareRequest, type RequestSettings } from './request/prepared-request.ts';
import { isOfApi } from './verdict/refusal.ts';
import { failureMeaning } from './verdict/reply-meaning.ts';

export interface LlmSettings
  extends Omit<RequestSettings, 'redactionFor' | 'learned' | 'isSilent' | 'askForContext'>,
    Omit<HttpSettings, 'baseUrl'> {
  /** @default nothing yet */
  readonly learned?: Learned;
}

/** The client of one API. */
export interface LlmClient extends Llm {
  /** Asks, free of charge, whether the account is accepted again or the model on offer. Never rejects. */
  look(scope: 'account' | 'model', model: string): Promise<boolean>;
  /** Asks, free of charge, whether the API is there, whether it takes the key, and what that may spend. Never rejects. */
  account(): Promise<AccountLook>;
  /** Asks, free of charge, what the API says of its models; null if it says nothing. Never rejects. */
  catalogue(): Promise<Catalogue | null>;
  /** Closes all connections, also those in use. */
  close(): void;
}

/** What a free request said about an API and a key. */
export interface AccountLook {
  /** Null if no reply came. */
  readonly status: number | null;
  /** Why none came; null if one did. */
  readonly failure: string | null;
  /** What the API's clock said at most a second ago (ms since the epoch); null if it did not say. */
  readonly dateMs: number | null;
  /** USD that the key may still spend; null if it has no limit, or that is not told. */
  readonly leftUsd: number | null;
}

/** How long a free request may take. */
const LONGEST_LOOK_SECONDS = 30;
/** How long one may take that only asks whether the API is there. */
const LONGEST_SIGN_SECONDS = 10;

export function createLlm(settings: LlmSettings): LlmClient {
  const { api, key, headers = [], proxy = null } = settings;
  const { baseUrl, routes: introduces, loopback, startedBy } = api;
  const http = createHttpClient({ ...settings, baseUrl, introduces, local: loopback ? { startedBy } : null });
  const limits = { ...settings, timeoutSeconds: Math.min(settings.timeoutSeconds, LONGEST_LOOK_SECONDS) };
  const get = (path: string, below: 'base' | 'root' = 'base'): Promise<HttpResult<unknown>> =>
    startHttpCall(http, { method: 'GET', path, below }, createJsonReader(), limits).result;
  let looking: Promise<boolean> | null = null;
  // Calls that end together share one look.
  const isSilent = (): Promise<boolean> =>
    (looking ??= startHttpCall(http, { method: 'GET', path: '/models' }, createReplyReader(), {
      ...limits,
      timeoutSeconds: Math.min(settings.timeoutSeconds, LONGEST_SIGN_SECONDS),
    }).result.then((ended) => {
      looking = null;
      return !isOfApi(ended);
    }));
  const requests = {
    ...settings,
    learned: settings.learned ?? new Learned(),
    // Which server it is may not be known by its address.
    askForContext: async (model: string) => (api.name === CUSTOM ? await loadedContext(get, model) : null),
    redactionFor: createRedactions(secretsOf({ key, headers, proxy })),
    isSilent,
  };
  return {
    prepare: (prompt) => prepareRequest(http, prompt, requests),
    look: (scope, model) => (scope === 'account' ? lookAtAccount(api, get, model) : lookForModel(get, model)),
    account: async () => asAccount(await get(api.routes && key !== null ? '/key' : '/models')),
    catalogue: () => loadCatalogue(get, api.context),
    close: () => http.close(),
  };
}

/** For a server on this machine. */
const LONGEST_WAIT_SECONDS = 5;

/**
 * An API as it is called: a server on this machine of which no more is known may be our simulator, and says in its list of
 * models which API it plays. Never rejects.
 */
export async function recognise(api: Api, version: string): Promise<Api> {
  if (!api.loopback || api.name !== CUSTOM) return api;
  const http = createHttpClient({ baseUrl: api.baseUrl, key: null, connections: 1, version, retryLimit: 0 });
  const limits = { timeoutSeconds: LONGEST_WAIT_SECONDS, idleTimeoutSeconds: LONGEST_WAIT_SECONDS };
  const { headers } = await startHttpCall(http, { method: 'GET', path: '/models' }, createJsonReader(), limits).result;
  http.close();
  const { 'x-sluice-simulator': plays } = headers;
  return typeof plays === 'string' ? simulated(api, plays) : api;
}

/**
 * Whether the account may call `model` again. OpenRouter and its like say at `/key` what is left. An API that shows
 * neither a key nor a refusal there is taken to accept the account if it lists its models.
 */
async function lookAtAccount(api: Api, get: Get, model: string): Promise<boolean> {
  if (api.routes) {
    const { status, body } = await get('/key');
    if (status !== null && REFUSALS.has(status)) return false;
    const key = asObject(body)['data'];
    if (status === 200 && isRecord(key)) return hasCredit(key, model);
  }
  const { status } = await get('/models');
  return status === 200;
}

function asAccount({ status, headers, body, failure }: HttpResult<unknown>): AccountLook {
  const dateMs = Date.parse(headers.date ?? '');
  const left = asObject(asObject(body)['data'])['limit_remaining'];
  const why: CallFailure = failure ?? { kind: 'connection-reset', detail: 'no reply' };
  return {
    status,
    failure: status === null ? `${failureMeaning(why).words} (${why.detail})` : null,
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    leftUsd: typeof left === 'number' ? left : null,
  };
}

const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403]);

/** Whether the API lists the model. */
async function lookForModel(get: Get, model: string): Promise<boolean> {
  // The next call will show.
  if (isNeverListed(model)) return true;
  const { status, body } = await get('/models');
  const listed = status === 200 ? readCatalogue(body) : null;
  // Ollama lists what has no tag as `:latest`.
  return [model, withoutVariant(model), `${model}:latest`].some((id) => (listed?.model(id) ?? null) !== null);
}

function hasCredit(key: JsonRecord, model: string): boolean {
  const left = key['limit_remaining'];
  if (typeof left === 'number' && left <= 0) return false;
  return !model.endsWith(':free') || asAmount(asObject(key['free_model_daily_requests'])['remaining']) !== 0;
}
