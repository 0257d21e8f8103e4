import type { Fault } from './fault-plan.ts';
import { endOfDay, type RateExcess } from './rate-limits.ts';

/** The `error` object of the API. */
export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The API's machine word and the sentence that comes with it, by status. */
const KNOWN_ERRORS: ReadonlyMap<number, readonly [type: string, message: string]> = new Map([
  [400, ['invalid_request', 'The request is not valid']],
  [401, ['authentication', 'User not found.']],
  [402, ['payment_required', 'Insufficient credits. Add more using https://openrouter.ai/settings/credits']],
  [403, ['permission_denied', 'You have no permission for this']],
  [404, ['not_found', 'Not found']],
  [408, ['timeout', 'The request timed out']],
  [412, ['precondition_failed', 'A precondition failed']],
  [413, ['payload_too_large', 'The request is too large']],
  [422, ['unprocessable', 'The request cannot be processed']],
  [429, ['rate_limit_exceeded', 'Rate limit exceeded']],
  [500, ['server', 'Internal Server Error']],
  [502, ['provider_unavailable', 'Provider returned error']],
  [503, ['provider_overloaded', 'Provider returned error']],
  [504, ['timeout', 'The provider timed out']],
  [524, ['timeout', 'The provider timed out at the edge']],
  [529, ['provider_overloaded', 'The provider is overloaded']],
]);

export function apiError(code: number, fault: Pick<Fault, 'message' | 'metadata'> = {}): ErrorObject {
  const [type, message] = KNOWN_ERRORS.get(code) ?? ['unmapped', `Status ${code}`];
  return {
    code,
    message: fault.message ?? message,
    metadata: { error_type: type, ...fault.metadata },
  };
}

/** A 400 that says by the API's machine word what is wrong. */
export function badRequest(type: string, message: string): ErrorObject {
  return apiError(400, { message, metadata: { error_type: type } });
}

/** A whole error reply. */
export function errorBody(error: ErrorObject): object {
  return { error, user_id: 'user_simulator' };
}

/** A page as a proxy in front of the API would send it. */
export function errorPage(status: number): string {
  return `<!DOCTYPE html>\n<html><head><title>Error ${status}</title></head><body><h1>Error ${status}</h1></body></html>\n`;
}

/** Of a reply. */
export type ReplyHeaders = Readonly<Record<string, string>>;

/** Why a call gets an error before any model gets it. */
export interface CallRefusal {
  /** For the log. */
  readonly outcome: string;
  readonly error: ErrorObject;
  readonly headers: ReplyHeaders;
}

export function refusal(outcome: string, error: ErrorObject, headers: ReplyHeaders = {}): CallRefusal {
  return { outcome, error, headers };
}

export function rateLimited({ rate, waitMs }: RateExcess, nowMs: number): CallRefusal {
  const wholeMs = Math.ceil(waitMs);
  return refusal('rate-limited', apiError(429, { message: `Rate limit exceeded: ${rate.name}` }), {
    'retry-after': String(rate.hint === 'exact' ? wholeMs / 1000 : Math.ceil(wholeMs / 1000)),
    ...rateHeaders(rate.limit, nowMs + wholeMs),
  });
}

/** The API repeats the headers of this one in its body. */
export function quotaSpent(limit: number, nowMs: number): CallRefusal {
  const headers = rateHeaders(limit, endOfDay(nowMs));
  const message = 'Rate limit exceeded: free-models-per-day';
  return refusal('quota-spent', apiError(429, { message, metadata: { headers } }), headers);
}

function rateHeaders(limit: number, resetMs: number): ReplyHeaders {
  return { 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(resetMs) };
}
