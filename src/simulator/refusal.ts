import { type ApiError, apiError } from './api-error.ts';
import { endOfDay, type RateExcess } from './rate-limits.ts';

type Headers = Readonly<Record<string, string>>;

/** Why a call gets an error before any model hears of it. */
export interface Refusal {
  /** For the log. */
  readonly outcome: string;
  readonly error: ApiError;
  readonly headers: Headers;
}

export function refusal(outcome: string, error: ApiError, headers: Headers = {}): Refusal {
  return { outcome, error, headers };
}

export function rateLimited({ rate, waitMs }: RateExcess, nowMs: number): Refusal {
  const wholeMs = Math.ceil(waitMs);
  return refusal('rate-limited', apiError(429, { message: `Rate limit exceeded: ${rate.name}` }), {
    'retry-after': String(rate.hint === 'exact' ? wholeMs / 1000 : Math.ceil(wholeMs / 1000)),
    ...rateHeaders(rate.limit, nowMs + wholeMs),
  });
}

/** The API tells the headers of this one in its body too. */
export function quotaSpent(limit: number, nowMs: number): Refusal {
  const headers = rateHeaders(limit, endOfDay(nowMs));
  const message = 'Rate limit exceeded: free-models-per-day';
  return refusal('quota-spent', apiError(429, { message, metadata: { headers } }), headers);
}

export function budgetInFlight(hintSeconds: number): Refusal {
  const metadata = { limit_source: 'openrouter_in_flight_budget', reason: 'in_flight_budget_exhausted' };
  const message = 'The requests in flight hold all that may be spent at once';
  return refusal('over-budget', apiError(402, { message, metadata }), { 'retry-after': String(hintSeconds) });
}

export function tooDear(): Refusal {
  const metadata = { limit_source: 'openrouter_credits', reason: 'weight_exceeds_budget' };
  return refusal(
    'too-dear',
    apiError(402, { message: 'This request alone may cost more than may be spent', metadata }),
  );
}

function rateHeaders(limit: number, resetMs: number): Headers {
  return { 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(resetMs) };
}
