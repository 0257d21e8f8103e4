import type { Fault } from './fault-plan.ts';

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

/** The API's error for a status; `fault` replaces the sentence and adds to the metadata. */
export function apiError(code: number, fault: Pick<Fault, 'message' | 'metadata'> = {}): ErrorObject {
  const [type, message] = KNOWN_ERRORS.get(code) ?? ['unmapped', `Status ${code}`];
  return { code, message: fault.message ?? message, metadata: { error_type: type, ...fault.metadata } };
}

/** A 400 whose machine word says what is wrong. */
export function badRequest(type: string, message: string): ErrorObject {
  return apiError(400, { message, metadata: { error_type: type } });
}
