import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { admit } from './admission.ts';
import { apiError, type CallRefusal, errorBody } from './api-error.ts';
import { type ChatRequest, isConversation, parseChatRequest, subjectOf } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { type Exchange, readBody } from './exchange.ts';
import type { FaultDraw } from './fault-draw.ts';
import { faultTraits } from './fault-kinds.ts';
import { engineFor, NO_PARSING, type Parsing } from './file-parsing.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import { type KeptAnswer, type ReplayOrder, readReplayOrder } from './replay-cache.ts';
import type { SimulatorState } from './state.ts';
import { type CacheUse, usageOf } from './usage.ts';

/** `POST /chat/completions`: counts the call, then refuses it, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { headers } = message;
  exchange.whenClosed(state.calls.enter());
  state.load.arrived(performance.now());
  exchange.whenClosed(() => state.load.left());
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, withSubject(state, request), headers, readReplayOrder(headers, body));
  });
}

/** A conversation goes on about the document that it began with. */
function withSubject({ billing }: SimulatorState, request: ChatRequest): ChatRequest {
  const { messages } = request;
  return isConversation(messages)
    ? { ...request, ...subjectOf(messages, (document) => billing.has(document)) }
    : request;
}

function answerOrRefuse(
  state: SimulatorState,
  exchange: Exchange,
  request: ChatRequest,
  { authorization }: IncomingHttpHeaders,
  replayOrder: ReplayOrder | null,
): void {
  const { document, models, stream } = request;
  const at = Date.now();
  const created = Math.floor(at / 1000);
  const attempt = state.billing.request(document);
  const id = generationId(created, document, attempt);
  exchange.addHeaders({ 'x-generation-id': id });
  const admission = admit(state, request, authorization);
  let outcome: string;
  if ('model' in admission) {
    const { model, leave } = admission;
    exchange.whenClosed(leave);
    outcome = answerOrReplay(state, exchange, { request, attempt, id, created, model, replay: replayOrder });
  } else outcome = refuse(state, exchange, admission);
  state.requests.add({
    at,
    document,
    attempt,
    outcome,
    model: models[0] ?? '',
    stream,
    hasKey: authorization !== undefined,
  });
}

function refuse(state: SimulatorState, exchange: Exchange, { outcome, error, headers }: CallRefusal): string {
  state.load.refused(performance.now());
  exchange.sendJson(error.code, errorBody(error), headers);
  return outcome;
}

function answerOrReplay(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const kept = call.replay === null ? undefined : state.replays.find(call.replay, Date.now());
  return kept === undefined ? answer(state, exchange, call) : replay(state, exchange, call, kept);
}

/** Returns the outcome for the log: it is drawn when the call comes, also if the call then waits for a slot. */
function answer(state: SimulatorState, exchange: Exchange, call: AdmittedCall): string {
  const { document, text, inputs } = call.request;
  // Names and labels of files stand beside the text, so that a plan can match them.
  const files = inputs.map(({ name, label }) => `\n${name} ${label}`).join('');
  const draw = state.draw({ document, attempt: call.attempt, text: text + files });
  exchange.whenClosed(state.slots.enter(() => work(state, exchange, call, draw)));
  return draw.fault?.kind ?? 'answer';
}

/** Bills at once: a call that its client gives up meanwhile is paid for all the same. */
function work(state: SimulatorState, exchange: Exchange, call: AdmittedCall, { fault, latency }: FaultDraw): void {
  const { request, replay: order } = call;
  const { billed, good } = faultTraits(fault?.kind);
  const parsing = billed || fault?.kind === 'file-error' ? parse(state, call) : NO_PARSING;
  const { completion, usage } = makeCompletion(call, {
    fault,
    parsing,
    cache: billed ? visitCache(state, exchange, call) : null,
    answerTokens: state.plan.answerTokens ?? 0,
    reasons: state.plan.reasoning === true && request.mayReason,
  });
  if (billed) state.billing.bill(request.document, usage.cost);
  else state.billing.charge(request.document, parsing.cost);
  if (good) exchange.whenSent(() => state.answered(request.document));
  if (billed && order !== null) {
    exchange.addHeaders({ 'x-openrouter-cache-status': 'MISS', 'x-openrouter-cache-ttl': String(order.ttlSeconds) });
    const keep = (afterMs: number): void => state.replays.keep(order, completion, Date.now() + afterMs);
    if (state.plan.replayed === 'sent') exchange.whenSent(() => keep(0));
    else keep((latency + (fault?.seconds ?? 0)) * 1000);
  }

  exchange.after(latency, () => deliver({ exchange, stream: request.stream, completion, fault }));
}

function parse(state: SimulatorState, { request, model }: AdmittedCall): Parsing {
  if (request.inputs.length === 0) return NO_PARSING;
  const takesFiles = model.architecture.input_modalities.includes('file');
  return state.parses.parse(request.inputs, engineFor(request.engine, takesFiles), request.parsedFiles);
}

function visitCache(state: SimulatorState, exchange: Exchange, { request, model }: AdmittedCall): CacheUse | null {
  const visit = state.prompts.visit(model.id, request.messages, Date.now());
  if (visit === null) return null;
  exchange.whenClosed(() => visit.keep(Date.now()));
  return visit.use;
}

/** Gives a kept answer again, at once and whole. No model gets the call: there is no fault and no bill. */
function replay(state: SimulatorState, exchange: Exchange, call: AdmittedCall, kept: KeptAnswer): string {
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
  deliver({ exchange, stream: request.stream, completion: again, fault: undefined });
  return 'replay';
}

/** An id in the API's shape, of one call: `created` in Unix seconds, `attempt` 1 for the document's first. */
function generationId(created: number, document: string, attempt: number): string {
  return `gen-${created}-${document.slice(0, 12)}${String(attempt).padStart(8, '0')}`;
}
