import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { admit } from './admission.ts';
import { apiError, type CallRefusal, errorBody } from './api-error.ts';
import { type ChatRequest, isConversation, parseChatRequest, subjectOf } from './chat-request.ts';
import type { Completion } from './completion.ts';
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
  countIn(state, exchange);
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, withSubject(state, request), headers, readReplayOrder(headers, body));
  });
}

function countIn(state: SimulatorState, exchange: Exchange): void {
  exchange.whenClosed(state.calls.enter());
  state.load.arrived(performance.now());
  exchange.whenClosed(() => state.load.left());
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
  const { document } = call.request;
  const draw = state.draw({ document, attempt: call.attempt, text: matchedText(call.request) });
  exchange.whenClosed(state.slots.enter(() => work(state, exchange, call, draw)));
  return draw.fault?.kind ?? 'answer';
}

/** The text of a document, with names and labels of its files, so that a plan can match them. */
function matchedText({ text, inputs }: ChatRequest): string {
  return inputs.length === 0 ? text : [text, ...inputs.map(({ name, label }) => `${name} ${label}`)].join('\n');
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
  if (billed && order !== null)
    keepForReplay(state, exchange, { order, completion, seconds: latency + (fault?.seconds ?? 0) });

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

interface MadeAnswer {
  readonly order: ReplayOrder;
  readonly completion: Completion;
  /** How long it takes from now on. */
  readonly seconds: number;
}

/** Keeps an answer that is about to be made for calls with the same body, as the plan says. */
function keepForReplay(state: SimulatorState, exchange: Exchange, made: MadeAnswer): void {
  const { order, completion, seconds } = made;
  exchange.addHeaders({ 'x-openrouter-cache-status': 'MISS', 'x-openrouter-cache-ttl': String(order.ttlSeconds) });
  if (state.plan.replayed === 'sent') exchange.whenSent(() => state.replays.keep(order, completion, Date.now()));
  else state.replays.keep(order, completion, Date.now() + seconds * 1000);
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
  if (isGood(completion)) exchange.whenSent(() => state.answered(request.document));
  const again = { ...completion, id, created, usage: usageOf(model, 0, 0) };
  deliver({ exchange, stream: request.stream, completion: again, fault: undefined });
  return 'replay';
}

function isGood({ content, finishReason }: Completion): boolean {
  return finishReason === 'stop' && content !== '';
}

/** An id in the API's shape, of one call: `created` in Unix seconds, `attempt` 1 for the document's first. */
function generationId(created: number, document: string, attempt: number): string {
  return `gen-${created}-${document.slice(0, 12)}${String(attempt).padStart(8, '0')}`;
}
