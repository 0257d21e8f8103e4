import type { IncomingMessage } from 'node:http';
import { apiError, errorBody } from './api-error.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { askForEntry, type Refusal } from './door.ts';
import type { Exchange } from './exchange.ts';
import { faultTraits } from './fault-kinds.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import { readBody } from './read-body.ts';
import type { SimulatorState } from './simulator-state.ts';

/** `POST /chat/completions`: counts the call, then turns it away, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { authorization } = message.headers;
  exchange.whenClosed(state.calls.enter());
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, request, authorization);
  });
}

function answerOrRefuse(
  state: SimulatorState,
  exchange: Exchange,
  request: ChatRequest,
  authorization: string | undefined,
): void {
  const { document, model, stream } = request;
  const attempt = state.billing.request(document);
  const entry = askForEntry(state, request, authorization);
  const outcome = entry.admitted
    ? answer(state, exchange, { request, attempt, model: entry.model })
    : refuse(exchange, entry.refusal);
  state.requests.add({
    at: Date.now(),
    document,
    attempt,
    outcome,
    model,
    stream,
    hasKey: authorization !== undefined,
  });
}

function refuse(exchange: Exchange, { outcome, error, headers }: Refusal): string {
  exchange.sendJson(error.code, errorBody(error), headers);
  return outcome;
}

/** Bills at once: what a client gives up while it waits is paid for all the same. Tells the outcome for the log. */
function answer(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const { document, stream, text } = call.request;
  const { fault, latency } = state.fate({ document, attempt: call.attempt, text });
  const { billed, good } = faultTraits(fault?.kind);
  const { completion, usage } = makeCompletion({ ...call, fault, created: Math.floor(Date.now() / 1000) });
  exchange.whenClosed(state.admitted.enter());
  if (billed) state.billing.bill(document, usage.cost);
  if (good) exchange.whenSent(() => state.billing.answered(document));
  exchange.after(latency, () => deliver({ exchange, stream, completion, fault }));
  return fault?.kind ?? 'answer';
}
