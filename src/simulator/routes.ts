import type { IncomingMessage } from 'node:http';
import { accountKey } from './account-key.ts';
import { isKeyRefused } from './admission.ts';
import { apiError, errorBody } from './api-error.ts';
import { CATALOGUE } from './catalogue.ts';
import { serveChat } from './chat.ts';
import type { Exchange } from './exchange.ts';
import { putPlan } from './serve-plan.ts';
import type { SimulatorState } from './state.ts';

type Handler = (state: SimulatorState, message: IncomingMessage, exchange: Exchange) => void;

const ROUTES: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['POST /api/v1/chat/completions', serveChat],
  ['GET /api/v1/models', getModels],
  ['GET /api/v1/key', getKey],
  ['GET /admin/billing', admin(getBilling)],
  ['DELETE /admin/billing', admin(deleteBilling)],
  ['GET /admin/parses', admin((state, _message, exchange) => exchange.sendJson(200, state.parses.files()))],
  ['GET /admin/load', admin((state, _message, exchange) => exchange.sendJson(200, state.load.load()))],
  ['DELETE /admin/load', admin(deleteLoad)],
  ['GET /admin/plan', admin((state, _message, exchange) => exchange.sendJson(200, state.plan))],
  ['PUT /admin/plan', admin(putPlan)],
  ['GET /admin/requests', admin((state, _message, exchange) => exchange.sendJson(200, state.requests.list()))],
]);

/** Finds who answers a call by method and path, whatever its query. */
export function route(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const [path = ''] = (message.url ?? '').split('?', 1);
  const handler = ROUTES.get(`${message.method} ${path}`) ?? notFound;
  handler(state, message, exchange);
}

function getModels(_state: SimulatorState, _message: IncomingMessage, exchange: Exchange): void {
  exchange.sendJson(200, { data: CATALOGUE, total_count: CATALOGUE.length, links: { next: null } });
}

function getKey(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  if (isKeyRefused(state, message.headers.authorization)) exchange.sendJson(401, errorBody(apiError(401)));
  else exchange.sendJson(200, { data: accountKey(state) });
}

/** All documents and what they come to, or the one of `?document=` alone. */
function getBilling(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const [, query = ''] = (message.url ?? '').split('?', 2);
  const wanted = new URLSearchParams(query).get('document');
  if (wanted === null) exchange.sendJson(200, billingOf(state));
  else exchange.sendJson(200, state.billing.document(wanted));
}

function billingOf(state: SimulatorState): object {
  return { documents: state.billing.documents(), ...state.billing.totals(), maxInFlight: state.calls.most };
}

function deleteBilling(state: SimulatorState, _message: IncomingMessage, exchange: Exchange): void {
  state.clearBilling();
  exchange.send(204, {}, '');
}

function deleteLoad(state: SimulatorState, _message: IncomingMessage, exchange: Exchange): void {
  state.load.restart(performance.now());
  exchange.send(204, {}, '');
}

function notFound(_state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  exchange.sendJson(
    404,
    errorBody(apiError(404, { message: `The simulator has no ${message.method} ${message.url}` })),
  );
}

/** Answers callers on this machine alone, whatever address the simulator listens on. */
function admin(handler: Handler): Handler {
  return (state, message, exchange) => {
    if (isLoopback(message.socket.remoteAddress ?? '')) handler(state, message, exchange);
    else exchange.sendJson(403, errorBody(apiError(403)));
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
