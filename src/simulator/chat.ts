import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { askForEntry } from './admission.ts';
import { apiError, errorBody } from './api-error.ts';
import { NO_PARSING, type Parsing } from './billing.ts';
import { askedIn, type ChatRequest, isDialogue, parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import { type Exchange, readBody } from './exchange.ts';
import type { Fate } from './fault-draw.ts';
import { faultTraits } from './fault-kinds.ts';
import { engineFor } from './file-engine.ts';
import { type AdmittedCall, makeCompletion } from './make-completion.ts';
import type { Refusal } from './refusal.ts';
import { keepForReplay, replay } from './replay.ts';
import { type ReplayOrder, readReplayOrder } from './replay-cache.ts';
import type { SimulatorState } from './state.ts';
import type { CacheUse } from './usage.ts';

/** `POST /chat/completions`: counts the call, then turns it away, spoils it or answers it. */
export function serveChat(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  const { headers } = message;
  countIn(state, exchange);
  readBody(message, exchange, (body) => {
    const request = parseChatRequest(body);
    if (request === null) exchange.sendJson(400, errorBody(apiError(400, { message: 'Expected JSON with messages' })));
    else answerOrRefuse(state, exchange, goingOn(state, request), { headers, replay: readReplayOrder(headers, body) });
  });
}

function countIn(state: SimulatorState, exchange: Exchange): void {
  exchange.whenClosed(state.calls.enter());
  state.load.arrived(performance.now());
  exchange.whenClosed(() => state.load.left());
}

/** With what a dialogue goes on about. */
function goingOn({ billing }: SimulatorState, request: ChatRequest): ChatRequest {
  const { turns } = request;
  return isDialogue(turns) ? { ...request, ...askedIn(turns, (document) => billing.has(document)) } : request;
}

interface Terms {
  readonly headers: IncomingHttpHeaders;
  readonly replay: ReplayOrder | null;
}

function answerOrRefuse(state: SimulatorState, exchange: Exchange, request: ChatRequest, terms: Terms): void {
  const { document, models, stream } = request;
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
  const { document } = call.request;
  const fate = state.fate({ document, attempt: call.attempt, text: tellingText(call.request) });
  exchange.whenClosed(state.slots.enter(() => work(state, exchange, call, fate)));
  return fate.fault?.kind ?? 'answer';
}

/** The text of a document; of files also what is told of them, so that a plan can name them. */
function tellingText({ text, inputs }: ChatRequest): string {
  return inputs.length === 0 ? text : [text, ...inputs.map(({ name, label }) => `${name} ${label}`)].join('\n');
}

/** Bills at once: what a client gives up while it is worked on is paid for all the same. */
function work(state: SimulatorState, exchange: Exchange, call: AdmittedCall, { fault, latency }: Fate): void {
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
  const visit = state.prompts.visit(model.id, request.turns, Date.now());
  if (visit === null) return null;
  exchange.whenClosed(() => visit.keep(Date.now()));
  return visit.use;
}

/** An id in the API's shape, of one call: `created` in Unix seconds, `attempt` 1 for the document's first. */
function generationId(created: number, document: string, attempt: number): string {
  return `gen-${created}-${document.slice(0, 12)}${String(attempt).padStart(8, '0')}`;
}
