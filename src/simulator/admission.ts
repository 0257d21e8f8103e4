import {
  apiError,
  budgetInFlight,
  type CallRefusal,
  quotaSpent,
  rateLimited,
  refusal,
  tooExpensive,
} from './api-error.ts';
import type { CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import { chooseModel } from './choose-model.ts';
import type { SimulatorState } from './state.ts';
import { roundUsd, tokensOf } from './usage.ts';

/** An admitted call must `leave` once, when it is over. */
type Admission =
  | { readonly admitted: true; readonly model: CatalogueModel; readonly leave: () => void }
  | { readonly admitted: false; readonly refusal: CallRefusal };

/** Never valid, so that a refused key can be shown without a plan. */
const BAD_KEY = 'Bearer bad-key';
const DEFAULT_HINT_SECONDS = 1;

export function isKeyRefused(state: SimulatorState, authorization: string | undefined): boolean {
  return authorization === BAD_KEY || state.plan.account === 'refused';
}

/** Admits a call, or says why not, in the order in which the API checks. */
export function admit(state: SimulatorState, request: ChatRequest, authorization: string | undefined): Admission {
  if (isKeyRefused(state, authorization)) return refused(refusal('key-refused', apiError(401)));
  if (state.plan.account === 'no-credit') return refused(refusal('no-credit', apiError(402)));
  if (request.flaw !== null) return refused(refusal('flawed', request.flaw));
  const choice = chooseModel(request, state.plan.unavailable);
  if ('refusal' in choice) return refused(choice.refusal);
  const { model } = choice;
  const worstUsd = worstCaseUsd(model, request);
  const limit = overBudget(state, worstUsd) ?? overLimits(state, model, tokensOf(request.promptCharacters));
  return limit === null ? { admitted: true, model, leave: enter(state, worstUsd) } : refused(limit);
}

/** What costs nothing is never over a budget. */
function overBudget({ plan, held }: SimulatorState, worstUsd: number): CallRefusal | null {
  if (plan.spending === undefined || worstUsd === 0) return null;
  const { usd, hint = DEFAULT_HINT_SECONDS } = plan.spending;
  if (worstUsd > usd) return tooExpensive();
  return roundUsd(held.inside + worstUsd) > usd ? budgetInFlight(hint) : null;
}

function overLimits(state: SimulatorState, model: CatalogueModel, tokens: number): CallRefusal | null {
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

function refused(reason: CallRefusal): Admission {
  return { admitted: false, refusal: reason };
}

/** What a call may cost at most: its prompt, and every token that its answer may have, at the catalogue's prices. */
export function worstCaseUsd(model: CatalogueModel, { promptCharacters, maxTokens }: ChatRequest): number {
  const { pricing, top_provider: provider } = model;
  const completionTokens = Math.min(maxTokens, provider.max_completion_tokens);
  return roundUsd(tokensOf(promptCharacters) * Number(pricing.prompt) + completionTokens * Number(pricing.completion));
}
