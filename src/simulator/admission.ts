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

/** A call that is admitted must `leave` once, when it is over. */
interface Admission {
  readonly model: CatalogueModel;
  readonly leave: () => void;
}

/** Never valid, so that a refused key can be shown without a plan. */
const BAD_KEY = 'Bearer bad-key';
const DEFAULT_HINT_SECONDS = 1;

export function isKeyRefused(state: SimulatorState, authorization: string | undefined): boolean {
  return authorization === BAD_KEY || state.plan.account === 'refused';
}

/** Admits a call, or says why not, in the order in which the API checks. */
export function admit(
  state: SimulatorState,
  request: ChatRequest,
  authorization: string | undefined,
): Admission | CallRefusal {
  if (isKeyRefused(state, authorization)) return refusal('key-refused', apiError(401));
  if (state.plan.account === 'no-credit') return refusal('no-credit', apiError(402));
  if (request.flaw !== null) return refusal('flawed', request.flaw);
  const model = chooseModel(request, state.plan.unavailable);
  if ('outcome' in model) return model;
  const worstUsd = worstCaseUsd(model, request);
  const limit = overBudget(state, worstUsd) ?? overLimits(state, model, tokensOf(request.promptCharacters));
  return limit ?? { model, leave: enter(state, worstUsd) };
}

/** What costs nothing is never over a budget. */
function overBudget({ plan, held }: SimulatorState, worstUsd: number): CallRefusal | null {
  if (plan.spending === undefined || worstUsd === 0) return null;
  const { usd, hint = DEFAULT_HINT_SECONDS } = plan.spending;
  if (worstUsd > usd) return tooExpensive();
  return roundUsd(held.inside + worstUsd) > usd ? budgetInFlight(hint) : null;
}

function overLimits(state: SimulatorState, model: CatalogueModel, tokens: number): CallRefusal | null {
  const { capacity = Infinity, dailyQuota = Infinity } = state.plan;
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

/** What a call may cost at most: its prompt, and every token that its answer may have, at the catalogue's prices. */
export function worstCaseUsd(model: CatalogueModel, { promptCharacters, maxTokens }: ChatRequest): number {
  const { pricing, top_provider: provider } = model;
  const completionTokens = Math.min(maxTokens, provider.max_completion_tokens);
  return roundUsd(tokensOf(promptCharacters) * Number(pricing.prompt) + completionTokens * Number(pricing.completion));
}
