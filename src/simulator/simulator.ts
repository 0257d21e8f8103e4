import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { UsageError } from '../domain/errors.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { isKeyRefused } from './admission.ts';
import { apiError, profileError, type ReplyHeaders } from './api-errors.ts';
import type { BilledDocument } from './billing.ts';
import { CATALOGUE } from './catalogue.ts';
import { serveChat } from './chat.ts';
import { Exchange, readBody } from './exchange.ts';
import { type FaultPlan, parseFaultPlan } from './fault-plan.ts';
import { modelLists } from './model-lists.ts';
import { type Profile, profileOf } from './profiles.ts';
import { SimulatorState } from './state.ts';

export interface SimulatorOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default good answers, at once */
  readonly plan?: FaultPlan;
  /** The API that it plays, by name: `gemini`. @default OpenRouter, and its list of models tells that it is a simulator */
  readonly as?: string | undefined;
}

/** A running stand-in for OpenRouter, or for the API that it plays. */
export interface Simulator {
  /** The API's base URL: `http://127.0.0.1:PORT/api/v1`, or with the path of the API that it plays. */
  readonly url: string;
  readonly port: number;
  /** What a real account would have been charged so far, whether or not the answers arrived. */
  billing(): readonly BilledDocument[];
  /** Applies to calls that come from now on. */
  setPlan(plan: FaultPlan): void;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/** Longer than any client keeps an idle connection, so that none is closed while a call goes out on it. */
const KEEP_ALIVE_MS = 600_000;

/** Starts the embedded stand-in for OpenRouter: same endpoints, same shapes, no model, no cost. Throws `UsageError` if it cannot listen. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', plan = {}, as } = options;
  const profile = profileOf(as ?? 'openrouter');
  const state = new SimulatorState(plan, profile);
  // One that plays an API is met as that API is: it does not tell.
  const routes = routesOf(profile, as === undefined ? { 'x-sluice-simulator': profile.name } : {});
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) =>
    route(routes, state, message, new Exchange(response, profile)),
  );
  const boundPort = await listen(server, port, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}${profile.path}`,
    port: boundPort,
    billing: () => state.billing.documents(),
    setPlan: (next) => state.setPlan(next),
    close: () => close(server),
  };
}

/** Resolves to the port that the server got. */
async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    const isTaken = errorCode(error) === 'EADDRINUSE';
    const reason = isTaken ? 'the port is in use; choose another, or 0 for any free one' : errorMessage(error);
    throw new UsageError(`The simulator cannot listen on ${host} port ${port}: ${reason}.`, { cause: error });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** `PUT /admin/plan`: the body, a plan in JSON, applies from the next call on; 400 with a sentence if it is wrong. */
function putPlan(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  readBody(message, exchange, (body) => {
    try {
      state.setPlan(parseFaultPlan(JSON.parse(body.toString('utf8'))));
      exchange.sendJson(200, state.plan);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof SyntaxError)) throw error;
      exchange.sendJson(400, { error: { code: 400, message: errorMessage(error) } });
    }
  });
}

type Handler = (state: SimulatorState, message: IncomingMessage, exchange: Exchange) => void;

type Routes = ReadonlyMap<string, Handler>;

/** `headers` come with what the API tells of its models. */
function routesOf(profile: Profile, headers: ReplyHeaders): Routes {
  const isRouter = profile.errors === 'openrouter';
  const lists = isRouter ? { [`${profile.path}/models`]: ROUTER_LIST } : modelLists(profile);
  return new Map<string, Handler>([
    [`POST ${profile.path}/chat/completions`, serveChat],
    ...Object.entries(lists).map(([path, list]) => [`GET ${path}`, getList(list, headers)] as const),
    ...(isRouter ? [[`GET ${profile.path}/key`, getKey] as const] : []),
    ...ADMIN_ROUTES,
  ]);
}

const ROUTER_LIST = { data: CATALOGUE, total_count: CATALOGUE.length, links: { next: null } };

/** OpenRouter's list is public. */
function getList(list: object, listHeaders: ReplyHeaders): Handler {
  return (state, { headers }, exchange) => {
    const { profile } = state;
    exchange.addHeaders(listHeaders);
    if (profile.errors !== 'openrouter' && isKeyRefused(state, headers.authorization))
      exchange.sendError(profileError(profile, 'key', 401));
    else exchange.sendJson(200, list);
  };
}

const ADMIN_ROUTES: readonly (readonly [string, Handler])[] = [
  ['GET /admin/billing', replyWith(({ billing }) => ({ documents: billing.documents(), ...billing.totals() }))],
  ['DELETE /admin/billing', clear((state) => state.clearBilling())],
  ['GET /admin/parses', replyWith((state) => state.parses.files())],
  ['GET /admin/load', replyWith((state) => state.load.load())],
  ['DELETE /admin/load', clear((state) => state.load.restart(performance.now()))],
  ['GET /admin/plan', replyWith((state) => state.plan)],
  ['PUT /admin/plan', putPlan],
  ['GET /admin/requests', replyWith((state) => state.requests)],
];

function replyWith(valueOf: (state: SimulatorState) => unknown): Handler {
  return (state, _message, exchange) => exchange.sendJson(200, valueOf(state));
}

function clear(forget: (state: SimulatorState) => void): Handler {
  return (state, _message, exchange) => {
    forget(state);
    exchange.send(204, {}, '');
  };
}

/** Method and path say who answers a call; its query does not. */
function route(routes: Routes, state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { method, url = '' } = message;
  const [path = ''] = url.split('?', 1);
  const handler = routes.get(`${method} ${path}`);
  if (handler === undefined) exchange.sendError(apiError(404, { message: `The simulator has no ${method} ${url}` }));
  else if (path.startsWith('/admin/') && !isLocal(message)) exchange.sendError(apiError(403));
  else handler(state, message, exchange);
}

/**
 * The admin routes answer only callers on this machine, whatever address the simulator listens on, and only by a name of
 * this machine: a web page could make its own name lead here.
 */
function isLocal({ socket: { remoteAddress: address = '' }, headers: { host = '' } }: IncomingMessage): boolean {
  const isLoopback = address === '::1' || /^(?:::ffff:)?127\./.test(address);
  return isLoopback && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

const CREDIT_USD = 100;
/** Of an account that has bought credit. */
const DAILY_FREE_CALLS = 1_000;

/** The key's limit, and what was spent by the simulator's own count. */
function getKey(state: SimulatorState, { headers }: IncomingMessage, exchange: Exchange): void {
  if (isKeyRefused(state, headers.authorization)) {
    exchange.sendError(apiError(401));
    return;
  }
  const usage = state.billing.totals().costUsd;
  const freeCalls = state.plan.dailyQuota ?? DAILY_FREE_CALLS;
  const freeCallsUsed = state.quota.used(Date.now());
  const data = {
    label: 'sk-or-v1-sim...ulator',
    limit: CREDIT_USD,
    limit_remaining: state.plan.account === 'no-credit' ? 0 : Math.max(0, CREDIT_USD - usage),
    limit_reset: null,
    usage,
    usage_daily: usage,
    usage_weekly: usage,
    usage_monthly: usage,
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    include_byok_in_limit: false,
    is_free_tier: false,
    is_management_key: false,
    is_provisioning_key: false,
    expires_at: null,
    creator_user_id: null,
    organization_id: null,
    workspace_id: null,
    allowed_data_regions: [],
    free_model_daily_requests: {
      limit: freeCalls,
      remaining: Math.max(0, freeCalls - freeCallsUsed),
      used: freeCallsUsed,
    },
    rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
  };
  exchange.sendJson(200, { data });
}
