import { type JsonRecord, parseJson } from '../lib/json.ts';
import type { Fault } from './fault-plan.ts';
import type { Cause } from './profile-sayings.ts';
import type { ErrorForm, Profile, WaitPlace } from './profiles.ts';

export type ReplyHeaders = Readonly<Record<string, string>>;

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

/** What the sentences of a profile are filled in with. */
export type Values = Readonly<Record<string, string | number>>;

/** What a profile says of a cause; if it says nothing, the error of OpenRouter's for the status. */
export function profileError({ says }: Profile, cause: Cause, status: number, values: Values = {}): ErrorObject {
  const said = says[cause];
  if (said === undefined) return apiError(status);
  const { type, code, param } = said;
  return {
    code: said.status,
    message: filled(said.message, values),
    metadata: { error_type: type, code, param: param === null ? null : filled(param, values), values },
  };
}

/** A sentence about a wait is left out where none is known. */
function filled(text: string, values: Values): string {
  const known = values['seconds'] === undefined ? withoutWait(text) : text;
  return known.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

function withoutWait(text: string): string {
  const sentences = text.split(/(?<=\.) /);
  return sentences.filter((sentence) => !sentence.includes('{seconds}')).join(' ');
}

/** The headers in which a profile tells a wait. */
export function waitHeaders({ waits }: Profile, seconds: number | null): ReplyHeaders {
  return seconds === null ? {} : Object.assign({}, ...waits.map((place) => WAITS[place](seconds)));
}

const WAITS: Readonly<Record<WaitPlace, (seconds: number) => ReplyHeaders>> = {
  'retry-after': (seconds) => ({ 'retry-after': String(Math.ceil(seconds)) }),
  'retry-after-ms': (seconds) => ({ 'retry-after-ms': String(Math.ceil(seconds * 1000)) }),
  // In the body.
  'retry-info': () => ({}),
  'ratelimit-reset': (seconds) => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(seconds)) }),
  'anthropic-reset': (seconds) => ({
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + seconds * 1000).toISOString(),
  }),
};

/** The error of a fault that gives its status, and the headers that tell its wait: where the status means something, in the profile's words. */
export function faultError(
  profile: Profile,
  status: number,
  fault: Fault | undefined,
  model: string,
): { readonly error: ErrorObject; readonly headers: ReplyHeaders } {
  const cause = CAUSES.get(status);
  const { retryAfter: wait, retryAfterMs: waitMs } = fault ?? {};
  if (
    profile.errors === 'openrouter' ||
    cause === undefined ||
    fault?.message !== undefined ||
    typeof wait === 'string'
  )
    return { error: apiError(status, fault), headers: plainWait(fault) };

  const seconds = wait ?? (waitMs === undefined ? null : waitMs / 1000);
  const values = seconds === null ? { model } : { model, seconds };
  const error = profileError(profile, cause, status, values);
  return { error: { ...error, code: status }, headers: waitHeaders(profile, seconds) };
}

const CAUSES: ReadonlyMap<number, Cause> = new Map([
  [401, 'key'],
  [402, 'credit'],
  [404, 'model'],
  [429, 'rate'],
]);

function plainWait(fault: Fault | undefined): ReplyHeaders {
  return {
    ...(fault?.retryAfter !== undefined && { 'retry-after': String(fault.retryAfter) }),
    ...(fault?.retryAfterMs !== undefined && { 'retry-after-ms': String(fault.retryAfterMs) }),
  };
}

/** The body of a reply that is an error, as an API writes it. */
export function errorBody(form: ErrorForm, error: ErrorObject): object {
  return FORMS[form](error);
}

const FORMS: Readonly<Record<ErrorForm, (error: ErrorObject) => object>> = {
  openrouter: (error) => ({ error, user_id: 'user_simulator' }),
  openai: (error) => ({ error: openaiError(error) }),
  google: ({ code, message, metadata }) => [
    { error: { code, message, status: metadata['error_type'], details: googleDetails(metadata) } },
  ],
  mistral: mistralError,
  flat: openaiError,
  fireworks: ({ message, metadata }) => ({
    error: { object: 'error', type: metadata['error_type'], code: metadata['code'] ?? metadata['error_type'], message },
  }),
  xai: ({ message, metadata }) => ({ code: metadata['error_type'], error: message }),
  text: ({ message }) => ({ error: message }),
  llamacpp: ({ code, message, metadata }) => {
    const { prompt, limit } = valuesOf(metadata);
    const counts = prompt === undefined ? {} : { n_prompt_tokens: prompt, n_ctx: limit };
    return { error: { code, message, type: metadata['error_type'], ...counts } };
  },
  vllm: (error) => ({ error: { ...openaiError(error), code: error.code } }),
  aws: ({ code, message }) => (code === 403 ? { Message: message } : { message }),
};

/** A flaw of the body is one of a list; who a call is from is said in another shape. */
function mistralError(error: ErrorObject): object {
  const { code, message, metadata } = error;
  if (code === 401) return { detail: message };
  if (code !== 422 || metadata['code'] !== null) return { object: 'error', ...openaiError(error) };
  const { field = 'messages', value = 'null' } = valuesOf(metadata);
  const flaw = { type: metadata['error_type'], loc: ['body', field], msg: message, input: parseJson(String(value)) };
  return { object: 'error', message: { detail: [flaw] }, type: 'invalid_request_error', param: null, code: null };
}

function openaiError({ message, metadata }: ErrorObject): object {
  return {
    message,
    type: metadata['error_type'] ?? null,
    param: metadata['param'] ?? null,
    code: metadata['code'] ?? null,
  };
}

function valuesOf(metadata: JsonRecord): Values {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `profileError` wrote them
  return (metadata['values'] ?? {}) as Values;
}

const RPC = 'type.googleapis.com/google.rpc';

function googleDetails(metadata: JsonRecord): readonly object[] {
  const { seconds } = valuesOf(metadata);
  const word = metadata['code'];
  if (typeof word !== 'string') return [];
  if (word === 'API_KEY_INVALID') return [{ '@type': `${RPC}.ErrorInfo`, reason: word, domain: 'googleapis.com' }];

  // The daily quota comes with a short wait all the same.
  const retryDelay = `${seconds ?? 37}s`;
  return [
    { '@type': `${RPC}.QuotaFailure`, violations: [{ quotaId: word, quotaValue: '10' }] },
    ...(seconds === undefined && !word.includes('PerDay') ? [] : [{ '@type': `${RPC}.RetryInfo`, retryDelay }]),
  ];
}
