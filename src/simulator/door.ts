import { apiError } from './api-error.ts';
import { type CatalogueModel, findModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import { budgetInFlight, quotaSpent, type Refusal, rateLimited, refusal, tooDear } from './refusal.ts';
import type { SimulatorState } from './simulator-state.ts';
import { roundUsd, tokensOf } from './usage.ts';
import { worstCaseUsd } from './worst-case-usd.ts';

/** A call that was let in must `leave` once, when it is over. */
type Entry =
  | { readonly admitted: true; readonly model: CatalogueModel; readonly leave: () => void }
  | { readonly admitted: false; readonly refusal: Refusal };

/** Never valid, so that a refused key can be shown without a plan. */
const BAD_KEY = 'Bearer bad-key';
const DEFAULT_HINT_SECONDS = 1;

export function isKeyRefused(state: SimulatorState, authorization: string | undefined): boolean {
  return authorization === BAD_KEY || state.plan.account === 'refused';
}

/** Lets a call in, or says why not, in the order in which the API looks. */
export function askForEntry(state: SimulatorState, request: ChatRequest, authorization: string | undefined): Entry {
  if (isKeyRefused(state, authorization)) return refused(refusal('key-refused', apiError(401)));
  if (state.plan.account === 'no-credit') return refused(refusal('no-credit', apiError(402)));
  const model = findModel(request.model);
  if (model === undefined) return refused(noEndpoints('unknown-model', `for ${request.model}.`));
  if (isAboveMaxPrice(model, request)) return refused(noEndpoints('over-max-price', 'that meet the max price.'));
  const worstUsd = worstCaseUsd(model, request);
  const limit = overBudget(state, worstUsd) ?? overLimits(state, model, tokensOf(request.promptCharacters));
  return limit === null ? { admitted: true, model, leave: enter(state, worstUsd) } : refused(limit);
}

function isAboveMaxPrice({ pricing }: CatalogueModel, { maxPrice }: ChatRequest): boolean {
  return perMillion(pricing.prompt) > maxPrice.prompt || perMillion(pricing.completion) > maxPrice.completion;
}

/** The catalogue's prices are per token, those of a request per million. */
function perMillion(price: string): number {
  return roundUsd(Number(price) * 1_000_000);
}

/** What costs nothing is never over a budget. */
function overBudget({ plan, held }: SimulatorState, worstUsd: number): Refusal | null {
  if (plan.spending === undefined || worstUsd === 0) return null;
  const { usd, hint = DEFAULT_HINT_SECONDS } = plan.spending;
  if (worstUsd > usd) return tooDear();
  return roundUsd(held.inside + worstUsd) > usd ? budgetInFlight(hint) : null;
}

function overLimits(state: SimulatorState, model: CatalogueModel, tokens: number): Refusal | null {
  const { capacity = Number.POSITIVE_INFINITY, dailyQuota = Number.POSITIVE_INFINITY } = state.plan;
  if (state.admitted.inside >= capacity)
    return refusal('over-capacity', apiError(429, { message: 'Too many requests at once' }));

  const excess = state.rates.take(performance.now(), tokens);
  const nowMs = Date.now();
  if (excess !== null) return rateLimited(excess, nowMs);
  const isFree = model.id.endsWith(':free');
  return isFree && !state.quota.take(nowMs, dailyQuota) ? quotaSpent(dailyQuota, nowMs) : null;
}

function enter({ admitted, held }: SimulatorState, worstUsd: number): () => void {
  const leave = admitted.enter();
  const release = held.enter(worstUsd);
  return () => {
    leave();
    release();
  };
}

function noEndpoints(outcome: string, which: string): Refusal {
  return refusal(outcome, apiError(404, { message: `No endpoints found ${which}` }));
}

function refused(reason: Refusal): Entry {
  return { admitted: false, refusal: reason };
}
