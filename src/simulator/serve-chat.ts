import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { apiError, errorBody } from './api-error.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { askForEntry } from './door.ts';
import type { Exchange } from './exchange.ts';
import type { Fate } from './fate.ts';
import { faultTraits } from './fault-kinds.ts';
import { generationId } from './generation-id.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import { readBody } from './read-body.ts';
import type { Refusal } from './refusal.ts';
import { keepForReplay, replay } from './replay.ts';
import { type ReplayOrder, readReplayOrder } from './replay-order.ts';
import type { SimulatorState } from './simulator-state.ts';

/** `POST /chat/completions`: counts the call, then turns it away, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { headers } = message;
  countIn(state, exchange);
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, request, { headers, replay: readReplayOrder(headers, body) });
  });
}

function countIn(state: SimulatorState, exchange: Exchange): void {
  exchange.whenClosed(state.calls.enter());
  state.load.arrived(performance.now());
  exchange.whenClosed(() => state.load.left());
}

interface Terms {
  readonly headers: IncomingHttpHeaders;
  readonly replay: ReplayOrder | null;
}

function answerOrRefuse(state: SimulatorState, exchange: Exchange, request: ChatRequest, terms: Terms): void {
  const { document, model, stream } = request;
  const { authorization } = terms.headers;
  const at = Date.now();
  const created = Math.floor(at / 1000);
  const attempt = state.billing.request(document);
  const id = generationId(created, document, attempt);
  exchange.addHeaders({ 'x-generation-id': id });
  const entry = askForEntry(state, request, authorization);
  if (entry.admitted) exchange.whenClosed(entry.leave);
  const outcome = entry.admitted
    ? answerOrReplay(state, exchange, { request, attempt, id, created, model: entry.model, replay: terms.replay })
    : refuse(state, exchange, entry.refusal);
  state.requests.add({ at, document, attempt, outcome, model, stream, hasKey: authorization !== undefined });
}

function refuse(state: SimulatorState, exchange: Exchange, { outcome, error, headers }: Refusal): string {
  state.load.refused(performance.now());
  exchange.sendJson(error.code, errorBody(error), headers);
  return outcome;
}

function answerOrReplay(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const kept = call.replay === null ? undefined : state.replays.find(call.replay, Date.now());
  return kept === undefined ? answer(state, exchange, call) : replay(state, exchange, call, kept);
}

/** Tells the outcome for the log: it is settled when the call comes, also where it has to wait for a slot. */
function answer(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const { document, text } = call.request;
  const fate = state.fate({ document, attempt: call.attempt, text });
  exchange.whenClosed(state.slots.enter(() => work(state, exchange, call, fate)));
  return fate.fault?.kind ?? 'answer';
}

/** Bills at once: what a client gives up while it is worked on is paid for all the same. */
function work(state: SimulatorState, exchange: Exchange, call: AdmittedCall, { fault, latency }: Fate): void {
  const { request, replay: order } = call;
  const { billed, good } = faultTraits(fault?.kind);
  const { completion, usage } = makeCompletion(call, fault);
  if (billed) state.billing.bill(request.document, usage.cost);
  if (good) exchange.whenSent(() => state.answered(request.document));
  if (billed && order !== null)
    keepForReplay(state, exchange, { order, completion, seconds: latency + (fault?.seconds ?? 0) });

  exchange.after(latency, () => deliver({ exchange, stream: request.stream, completion, fault }));
}
