import { apiError, badRequest, type ErrorObject, profileError, type ReplyHeaders, waitHeaders } from './api-errors.ts';
import { type CatalogueModel, findModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import type { FaultPlan } from './fault-plan.ts';
import { engineFor } from './file-parsing.ts';
import { type CallRefusal, modelByProfile } from './profile-admission.ts';
import type { Profile } from './profiles.ts';
import { endOfDay, type RateExcess } from './rate-limits.ts';
import type { SimulatorState } from './state.ts';
import { roundUsd, tokensOf } from './usage.ts';

/** A call that goes to a model. */
export interface Admission {
  readonly model: CatalogueModel;
  /** What it may cost at most. */
  readonly worstUsd: number;
}

/** Never valid, so that a refused key can be shown without a plan. */
const BAD_KEY = 'Bearer bad-key';
const DEFAULT_HINT_SECONDS = 1;

export function isKeyRefused({ plan, profile }: SimulatorState, authorization: string | undefined): boolean {
  const { errors, needsKey, says } = profile;
  // Some servers of one's own look at no key.
  const isBad = authorization === BAD_KEY && (errors === 'openrouter' || says.key !== undefined);
  return isBad || plan.account === 'refused' || (needsKey && authorization === undefined);
}

/** Admits a call, or says why not, in the order in which the API checks. */
export function admit(
  state: SimulatorState,
  request: ChatRequest,
  authorization: string | undefined,
): Admission | CallRefusal {
  const { profile, plan } = state;
  if (isKeyRefused(state, authorization)) return refusal('key-refused', profileError(profile, 'key', 401));
  if (plan.account === 'no-credit') return refusal('no-credit', profileError(profile, 'credit', 402));
  const model = profile.errors === 'openrouter' ? modelByRouter(request, plan) : modelByProfile(profile, request);
  if ('outcome' in model) return model;
  const worstUsd = worstCaseUsd(model, request);
  const tokens = tokensOf(request.promptCharacters);
  return overBudget(state, worstUsd) ?? overLimits(state, model, tokens) ?? { model, worstUsd };
}

function refusal(outcome: string, error: ErrorObject, headers: ReplyHeaders = {}): CallRefusal {
  return { outcome, error, headers };
}

function modelByRouter(request: ChatRequest, { unavailable }: FaultPlan): CatalogueModel | CallRefusal {
  return request.flaw === null ? chooseModel(request, unavailable) : refusal('flawed', request.flaw);
}

/** What costs nothing is never over a budget. */
function overBudget({ plan, held }: SimulatorState, worstUsd: number): CallRefusal | null {
  if (plan.spending === undefined || worstUsd === 0) return null;
  const { usd, hint = DEFAULT_HINT_SECONDS } = plan.spending;
  if (worstUsd > usd) {
    const metadata = { limit_source: 'openrouter_credits', reason: 'weight_exceeds_budget' };
    const message = 'This request alone may cost more than may be spent';
    return refusal('too-dear', apiError(402, { message, metadata }));
  }
  if (roundUsd(held.inside + worstUsd) <= usd) return null;

  const metadata = { limit_source: 'openrouter_in_flight_budget', reason: 'in_flight_budget_exhausted' };
  const message = 'The requests in flight hold all that may be spent at once';
  return refusal('over-budget', apiError(402, { message, metadata }), { 'retry-after': String(hint) });
}

function overLimits(state: SimulatorState, { id }: CatalogueModel, tokens: number): CallRefusal | null {
  const { profile } = state;
  const { capacity = Infinity, dailyQuota = Infinity } = state.plan;
  if (state.admitted.inside >= capacity) return tooManyAtOnce(profile, id);

  const excess = state.rates.take(performance.now(), tokens);
  const nowMs = Date.now();
  if (excess !== null) return rateLimited(profile, id, excess, nowMs);
  const isFree = profile.errors !== 'openrouter' || id.endsWith(':free');
  return isFree && !state.quota.take(nowMs, dailyQuota) ? quotaSpent(profile, id, dailyQuota, nowMs) : null;
}

function tooManyAtOnce(profile: Profile, model: string): CallRefusal {
  const { rate } = profile.says;
  const plain = apiError(429, { message: 'Too many requests at once' });
  return refusal('over-capacity', rate === undefined ? plain : profileError(profile, 'rate', 429, { model }));
}

function rateLimited(profile: Profile, model: string, { rate, waitMs }: RateExcess, nowMs: number): CallRefusal {
  const wholeMs = Math.ceil(waitMs);
  const seconds = rate.hint === 'exact' ? wholeMs / 1000 : Math.ceil(wholeMs / 1000);
  const said = profileError(profile, 'rate', 429, { model, seconds });
  if (profile.errors !== 'openrouter') return refusal('rate-limited', said, waitHeaders(profile, seconds));
  return refusal('rate-limited', apiError(429, { message: `Rate limit exceeded: ${rate.name}` }), {
    'retry-after': String(seconds),
    ...rateHeaders(rate.limit, nowMs + wholeMs),
  });
}

/** The API repeats the headers of this error in its body. */
function quotaSpent(profile: Profile, model: string, limit: number, nowMs: number): CallRefusal {
  if (profile.errors !== 'openrouter')
    return refusal('quota-spent', profileError(profile, 'day', 429, { model, limit }));
  const headers = rateHeaders(limit, endOfDay(nowMs));
  const message = 'Rate limit exceeded: free-models-per-day';
  return refusal('quota-spent', apiError(429, { message, metadata: { headers } }), headers);
}

function rateHeaders(limit: number, resetMs: number): ReplyHeaders {
  return { 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(resetMs) };
}

/** What a call may cost at most: its prompt, and every token that its answer may have, at the catalogue's prices. */
export function worstCaseUsd(model: CatalogueModel, { promptCharacters, maxTokens }: ChatRequest): number {
  const { pricing, top_provider: provider } = model;
  const completionTokens = Math.min(maxTokens, provider.max_completion_tokens);
  return roundUsd(tokensOf(promptCharacters) * Number(pricing.prompt) + completionTokens * Number(pricing.completion));
}

/** The first of the models that a request names which can serve it; if none can, why the first cannot. */
function chooseModel(request: ChatRequest, unavailable: readonly string[] = []): CatalogueModel | CallRefusal {
  const choices = request.models.map((id) => choiceOf(id, request, unavailable));
  return choices.find((choice) => 'id' in choice) ?? choices[0] ?? noEndpoints('unknown-model', 'for no model.');
}

function choiceOf(id: string, request: ChatRequest, unavailable: readonly string[]): CatalogueModel | CallRefusal {
  const model = findModel(id);
  if (model === undefined) return noEndpoints('unknown-model', `for ${id}.`);
  if (unavailable.includes(id)) return refusal('unavailable', apiError(503));
  return mismatch(model, request) ?? tooLong(model, request) ?? model;
}

function mismatch(model: CatalogueModel, request: ChatRequest): CallRefusal | null {
  const { pricing, supported_parameters: supported } = model;
  const { maxPrice, requiredParameters } = request;
  if (perMillion(pricing.prompt) > maxPrice.prompt || perMillion(pricing.completion) > maxPrice.completion)
    return noEndpoints('over-max-price', 'that meet the max price.');

  const missing = missingInput(model, request);
  if (missing !== undefined) return noEndpoints('no-such-input', `that support ${missing}`);
  if (requiredParameters.some((name) => !supported.includes(name)))
    return noEndpoints('no-such-parameter', 'that can handle the requested parameters.');

  return null;
}

/** The catalogue's prices are per token, those of a request per million. */
function perMillion(price: string): number {
  return roundUsd(Number(price) * 1_000_000);
}

/** Every model gets PDFs, parsed if need be, unless the request wants the model to read them itself. */
function missingInput(model: CatalogueModel, { messages, engine }: ChatRequest): string | undefined {
  const takes = (kind: string) => model.architecture.input_modalities.includes(kind);
  const kinds = new Set(messages.flatMap(({ inputs }) => inputs.map(({ kind }) => kind)));
  if (kinds.has('image') && !takes('image')) return 'image input';
  if (kinds.has('audio') && !takes('audio')) return 'input audio';
  return kinds.has('file') && engineFor(engine, model) === 'native' && !takes('file') ? 'file input' : undefined;
}

/** Like OpenRouter, adds the answer's limit to the prompt; an answer without a limit counts nothing. */
function tooLong({ context_length: longest }: CatalogueModel, request: ChatRequest): CallRefusal | null {
  const asked = tokensOf(request.promptCharacters);
  const answered = Number.isFinite(request.maxTokens) ? request.maxTokens : 0;
  if (asked + answered <= longest) return null;
  const message =
    `This endpoint's maximum context length is ${longest} tokens. However, you requested about ${asked + answered} ` +
    `tokens (${asked} of text input, ${answered} in the output). Please reduce the length of either one, or use the ` +
    'context-compression plugin to compress your prompt automatically.';
  return refusal('too-long', badRequest('context_length_exceeded', message));
}

function noEndpoints(outcome: string, which: string): CallRefusal {
  return refusal(outcome, apiError(404, { message: `No endpoints found ${which}` }));
}
