import { type ApiError, apiError } from './api-error.ts';
import { type CatalogueModel, findModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import type { SimulatorState } from './simulator-state.ts';

/** Why a call gets an error before any model hears of it. */
export interface Refusal {
  readonly outcome: string;
  readonly error: ApiError;
  readonly headers: Readonly<Record<string, string>>;
}

type Entry =
  | { readonly admitted: true; readonly model: CatalogueModel }
  | { readonly admitted: false; readonly refusal: Refusal };

/** Never valid, so that a refused key can be shown without a plan. */
const BAD_KEY = 'Bearer bad-key';

export function isKeyRefused(state: SimulatorState, authorization: string | undefined): boolean {
  return authorization === BAD_KEY || state.plan.account === 'refused';
}

/** Lets a call in, or says why not, in the order in which the API looks. */
export function askForEntry(state: SimulatorState, request: ChatRequest, authorization: string | undefined): Entry {
  if (isKeyRefused(state, authorization)) return refused('key-refused', apiError(401));
  if (state.plan.account === 'no-credit') return refused('no-credit', apiError(402));
  const model = findModel(request.model);
  if (model === undefined)
    return refused('unknown-model', apiError(404, { message: `No endpoints found for ${request.model}.` }));

  if (state.admitted.inside >= (state.plan.capacity ?? Number.POSITIVE_INFINITY))
    return refused('over-capacity', apiError(429, { message: 'Too many requests at once' }));

  const waitMs = state.rate?.take(performance.now()) ?? 0;
  return waitMs > 0 ? rateLimited(state, waitMs) : { admitted: true, model };
}

function rateLimited(state: SimulatorState, waitMs: number): Entry {
  return refused('rate-limited', apiError(429, { message: 'Rate limit exceeded: requests per minute' }), {
    'retry-after': String(Math.ceil(waitMs / 1000)),
    'x-ratelimit-limit': String(state.rate?.limit ?? 0),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Date.now() + Math.ceil(waitMs)),
  });
}

function refused(outcome: string, error: ApiError, headers: Readonly<Record<string, string>> = {}): Entry {
  return { admitted: false, refusal: { outcome, error, headers } };
}
