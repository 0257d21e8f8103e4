import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { admit } from './admission.ts';
import { apiError } from './api-errors.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { type Exchange, readBody } from './exchange.ts';
import { faultTraits } from './fault-kinds.ts';
import type { FaultDraw } from './fault-plan.ts';
import { engineFor, NO_PARSING } from './file-parsing.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import { type CallRefusal, overflowFault } from './profile-admission.ts';
import { type KeptAnswer, type ReplayOrder, readReplayOrder } from './replay-cache.ts';
import type { SimulatorState } from './state.ts';
import { usageOf } from './usage.ts';

/** `POST /chat/completions`: counts the call, then refuses it, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { headers } = message;
  exchange.whenClosed(state.load.arrived(performance.now()));
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body, (document) => state.billing.has(document));
    if (request === null) exchange.sendError(apiError(400, { message: 'Expected JSON with messages' }));
    else answerOrRefuse(state, exchange, request, headers, readReplayOrder(headers, body));
  });
}

function answerOrRefuse(
  state: SimulatorState,
  exchange: Exchange,
  request: ChatRequest,
  { authorization }: IncomingHttpHeaders,
  replay: ReplayOrder | null,
): void {
  const { document, models, stream } = request;
  const at = Date.now();
  const created = Math.floor(at / 1000);
  const attempt = state.billing.request(document);
  const id = `gen-${created}-${document.slice(0, 12)}${String(attempt).padStart(8, '0')}`;
  exchange.addHeaders({ 'x-generation-id': id });
  const admission = admit(state, request, authorization);
  const outcome =
    'outcome' in admission
      ? refuse(state, exchange, admission)
      : answerOrReplay(state, exchange, { request, attempt, id, created, replay, ...admission });
  const hasKey = authorization !== undefined;
  state.log({ at, document, attempt, outcome, model: models[0] ?? '', stream, hasKey });
}

function refuse(state: SimulatorState, exchange: Exchange, { outcome, error, headers }: CallRefusal): string {
  state.load.refused(performance.now());
  exchange.sendError(error, headers);
  return outcome;
}

/** Returns the outcome for the log. */
function answerOrReplay(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  exchange.whenClosed(state.admitted.enter());
  exchange.whenClosed(state.held.enter(call.worstUsd));
  const kept = call.replay === null ? undefined : state.replays.find(call.replay, Date.now());
  if (kept !== undefined) return replayAnswer(state, exchange, call, kept);

  const { document, text, inputs } = call.request;
  // With names and labels of files, so that a plan can match them.
  const files = inputs.map(({ name, label }) => `\n${name} ${label}`).join('');
  // Drawn when the call comes, even if it then waits for a slot.
  const draw = state.draw({ document, attempt: call.attempt, text: text + files });
  const { fault = overflowFault(state.profile, call.model, call.request), latency } = draw;
  exchange.whenClosed(state.slots.enter(() => work(state, exchange, call, { fault, latency })));
  return fault?.kind ?? 'answer';
}

/** Bills at once: a call is paid for even if its client gives it up meanwhile. */
function work(state: SimulatorState, exchange: Exchange, call: AdmittedCall, { fault, latency }: FaultDraw): void {
  const { request, model, replay: order } = call;
  const { document, inputs, messages, parsedFiles } = request;
  const { billed, good } = faultTraits(fault?.kind);
  const isParsed = billed || fault?.kind === 'file-error';
  const parsing = isParsed ? state.parses.parse(inputs, engineFor(request.engine, model), parsedFiles) : NO_PARSING;
  const visit = billed ? state.prompts.visit(model.id, messages, Date.now()) : null;
  if (visit !== null) exchange.whenClosed(() => visit.keep(Date.now()));
  const { plan, profile } = state;
  const cache = visit?.use ?? null;
  const { completion, usage } = makeCompletion(call, { fault, parsing, cache, plan, profile });
  state.billing.bill(document, billed ? { calls: 1, usd: usage.cost } : { calls: 0, usd: parsing.cost });
  if (fault?.place === 'header') exchange.addHeaders({ 'x-litellm-response-cost': String(usage.cost) });
  if (good) exchange.whenSent(() => state.answered(document));
  if (billed && order !== null) {
    exchange.addHeaders({ 'x-openrouter-cache-status': 'MISS', 'x-openrouter-cache-ttl': String(order.ttlSeconds) });
    // Kept even if the caller hangs up meanwhile. What OpenRouter does is not known.
    state.replays.keep(order, completion, Date.now() + (latency + (fault?.seconds ?? 0)) * 1000);
  }

  const { stream, asksForUsage } = request;
  exchange.after(latency, () => deliver({ exchange, profile, stream, asksForUsage, completion, fault }));
}

/** Gives a kept answer again, at once and whole. No model gets the call: there is no fault and no bill. */
function replayAnswer(state: SimulatorState, exchange: Exchange, call: AdmittedCall, kept: KeptAnswer): string {
  const { request, model, id, created } = call;
  const { completion, sinceMs, ttlSeconds } = kept;
  exchange.addHeaders({
    'x-openrouter-cache-status': 'HIT',
    'x-openrouter-cache-age': String(Math.floor((Date.now() - sinceMs) / 1000)),
    'x-openrouter-cache-ttl': String(ttlSeconds),
    'x-openrouter-cache-source-id': completion.id,
  });
  if (completion.finishReason === 'stop' && completion.content !== '')
    exchange.whenSent(() => state.answered(request.document));
  const again = { ...completion, id, created, usage: usageOf(model, 0, 0) };
  const { stream, asksForUsage } = request;
  deliver({ exchange, profile: state.profile, stream, asksForUsage, completion: again, fault: undefined });
  return 'replay';
}
