import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { apiError, errorBody } from './api-error.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { askForEntry, type Refusal } from './door.ts';
import type { Exchange } from './exchange.ts';
import { faultTraits } from './fault-kinds.ts';
import { generationId } from './generation-id.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import { readBody } from './read-body.ts';
import { keepForReplay, replay } from './replay.ts';
import { type ReplayOrder, readReplayOrder } from './replay-order.ts';
import type { SimulatorState } from './simulator-state.ts';

/** `POST /chat/completions`: counts the call, then turns it away, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { headers } = message;
  exchange.whenClosed(state.calls.enter());
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, request, { headers, replay: readReplayOrder(headers, body) });
  });
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
  const outcome = entry.admitted
    ? answerOrReplay(state, exchange, { request, attempt, id, created, model: entry.model, replay: terms.replay })
    : refuse(exchange, entry.refusal);
  state.requests.add({ at, document, attempt, outcome, model, stream, hasKey: authorization !== undefined });
}

function refuse(exchange: Exchange, { outcome, error, headers }: Refusal): string {
  exchange.sendJson(error.code, errorBody(error), headers);
  return outcome;
}

function answerOrReplay(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  exchange.whenClosed(state.admitted.enter());
  const kept = call.replay === null ? undefined : state.replays.find(call.replay, Date.now());
  return kept === undefined ? answer(state, exchange, call) : replay(state, exchange, call, kept);
}

/** Bills at once: what a client gives up while it waits is paid for all the same. Tells the outcome for the log. */
function answer(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const { document, stream, text } = call.request;
  const { fault, latency } = state.fate({ document, attempt: call.attempt, text });
  const { billed, good } = faultTraits(fault?.kind);
  const { completion, usage } = makeCompletion({ ...call, fault });
  if (billed) state.billing.bill(document, usage.cost);
  if (good) exchange.whenSent(() => state.billing.answered(document));
  if (billed && call.replay !== null)
    keepForReplay(state, exchange, { order: call.replay, completion, seconds: latency + (fault?.seconds ?? 0) });

  exchange.after(latency, () => deliver({ exchange, stream, completion, fault }));
  return fault?.kind ?? 'answer';
}
