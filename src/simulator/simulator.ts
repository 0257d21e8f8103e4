import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { UsageError } from '../domain/errors.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { isKeyRefused } from './admission.ts';
import { apiError } from './api-error.ts';
import type { BilledDocument } from './billing.ts';
import { CATALOGUE } from './catalogue.ts';
import { serveChat } from './chat.ts';
import { Exchange, readBody } from './exchange.ts';
import { type FaultPlan, parseFaultPlan } from './fault-plan.ts';
import { SimulatorState } from './state.ts';

export interface SimulatorOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default good answers, at once */
  readonly plan?: FaultPlan;
}

/** A running stand-in for OpenRouter. */
export interface Simulator {
  /** The API's base URL: `http://127.0.0.1:PORT/api/v1`. */
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
  const { port = 0, host = '127.0.0.1', plan = {} } = options;
  const state = new SimulatorState(plan);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) =>
    route(state, message, new Exchange(response)),
  );
  const boundPort = await listen(server, port, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/api/v1`,
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

const ROUTES: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['POST /api/v1/chat/completions', serveChat],
  ['GET /api/v1/models', getModels],
  ['GET /api/v1/key', getKey],
  ['GET /admin/billing', replyWith(getBilling)],
  ['DELETE /admin/billing', clear((state) => state.clearBilling())],
  ['GET /admin/parses', replyWith((state) => state.parses.files())],
  ['GET /admin/load', replyWith((state) => state.load.load())],
  ['DELETE /admin/load', clear((state) => state.load.restart(performance.now()))],
  ['GET /admin/plan', replyWith((state) => state.plan)],
  ['PUT /admin/plan', putPlan],
  ['GET /admin/requests', replyWith((state) => state.requests)],
]);

function replyWith(valueOf: (state: SimulatorState, message: IncomingMessage) => unknown): Handler {
  return (state, message, exchange) => exchange.sendJson(200, valueOf(state, message));
}

/** With the API that is played: by it sluice knows what to send to an address of this machine. */
function getModels(_state: SimulatorState, _message: IncomingMessage, exchange: Exchange): void {
  const list = { data: CATALOGUE, total_count: CATALOGUE.length, links: { next: null } };
  exchange.sendJson(200, list, { 'x-sluice-simulator': 'openrouter' });
}

function clear(forget: (state: SimulatorState) => void): Handler {
  return (state, _message, exchange) => {
    forget(state);
    exchange.send(204, {}, '');
  };
}

/** Method and path say who answers a call; its query does not. */
function route(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { method, url = '' } = message;
  const [path = ''] = url.split('?', 1);
  const handler = ROUTES.get(`${method} ${path}`);
  if (handler === undefined) exchange.sendError(apiError(404, { message: `The simulator has no ${method} ${url}` }));
  else if (path.startsWith('/admin/') && !isLocal(message)) exchange.sendError(apiError(403));
  else handler(state, message, exchange);
}

/** All documents and their totals, or with `?document=` that one alone. */
function getBilling({ billing, calls }: SimulatorState, { url = '' }: IncomingMessage): unknown {
  const [, query = ''] = url.split('?', 2);
  const wanted = new URLSearchParams(query).get('document');
  if (wanted !== null) return billing.document(wanted);
  return { documents: billing.documents(), ...billing.totals(), maxInFlight: calls.most };
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
