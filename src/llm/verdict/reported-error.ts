import { asAmount, asArray, asObject, asText, isRecord, type JsonRecord, parseJson } from '../../lib/json.ts';

/** An API's error object, as far as it helps to judge an attempt. Nothing in it is redacted yet. */
export interface ReportedError {
  /** The status that the error says it has; null if it says none. */
  readonly status: number | null;
  /** Machine words for what happened, the most telling first: `context_length_exceeded`, `insufficient_quota`. */
  readonly types: readonly string[];
  /** Its body is in no form of an API: whatever stands in front of it may have said it. */
  readonly anonymous: boolean;
  /** The server's words, the provider's own if the API only passes them on. */
  readonly message: string | null;
  readonly provider: string | null;
  readonly limitSource: string | null;
  /** The field of the body that it is about. */
  readonly param: string | null;
  readonly reason: string | null;
  /** Content rules refused the document. */
  readonly moderated: boolean;
  /** Whether the API itself says that asking again helps. */
  readonly retryable: boolean | null;
  /** What the API parsed out of files before it failed, as it sent it. */
  readonly fileAnnotations: readonly unknown[];
  /** What it states in numbers beside its words. */
  readonly tokens: {
    /** That the model takes, prompt and answer together. */
    readonly context: number | null;
    /** Of the prompt that was refused. */
    readonly prompt: number | null;
  };
  /** What the body says of a wait, for `readHints`. */
  readonly waitHints: {
    readonly seconds: readonly unknown[];
    /** When a quota or budget is filled again; null if it is not said. */
    readonly resetsAt: unknown;
    readonly headers: JsonRecord;
  };
}

/** Reads the `error` of a body, in any of its known shapes. Null if there is none. */
export function readReportedError(error: unknown): ReportedError | null {
  if (typeof error === 'string') return error.trim() === '' ? null : readReportedError({ message: error });
  if (Array.isArray(error)) return readReportedError(error.find(isRecord));
  return isRecord(error) && Object.keys(error).length > 0 ? read(error) : null;
}

/**
 * Reads the body of a reply whose status is no success: all of it is the error then, if nothing in it is called so.
 * Gemini sends a list of one; Cerebras, Bedrock and Cohere `{ message, type }`; Mistral and FastAPI `{ detail }`; servers in
 * Rust a sentence alone. Null if it says nothing.
 */
export function readErrorBody(body: unknown): ReportedError | null {
  const whole = Array.isArray(body) ? body.find(isRecord) : body;
  if (!isRecord(whole)) return anonymous(readReportedError(whole));
  const { error, errors, ...others } = whole;
  if (isRecord(error) || Array.isArray(error)) return readReportedError(error);
  const named = asText(error);
  // Of a title and a sentence beside it, the sentence tells more.
  if (sentenceOf(others) === null && named !== null) return readReportedError({ ...others, message: named });
  if (sentenceOf(others) === null && errors !== undefined) return readReportedError(errors);
  const found = readReportedError(others);
  return SIGNS.some((sign) => sign in whole) ? found : anonymous(found);
}

/** What an API says beside its sentence, and a gateway does not. */
const SIGNS = ['type', 'code', 'error', 'error_type', 'object', 'param'];

function anonymous(error: ReportedError | null): ReportedError | null {
  return error && { ...error, anonymous: true };
}

function read(error: JsonRecord): ReportedError {
  const metadata = asObject(error['metadata']);
  const availability = asObject(error['availability']);
  const details = asArray(error['details']).map(asObject);
  const message = messageOf(error, metadata);
  const perDay = details.some(({ violations }) => asArray(violations).some(isOfTheDay));
  return {
    status: asStatus(error['code']) ?? asStatus(error['http_status']) ?? asStatus(error['status']),
    types: [
      ...TELLING.filter(([pattern]) => pattern.test(message ?? '')).map(([, word]) => word),
      ...details.map(({ reason }) => reason),
      perDay ? 'quota_per_day' : null,
      metadata['error_type'],
      error['error_type'],
      availability['code'],
      asObject(error['innererror'])['code'],
      error['code'],
      error['type'],
      error['status'],
    ]
      .filter((type) => typeof type === 'string')
      .map((type) => type.toLowerCase()),
    anonymous: false,
    message,
    provider: asText(metadata['provider_name']),
    limitSource: asText(metadata['limit_source']),
    param: asText(error['param']),
    reason: asText(metadata['reason']),
    moderated: ['reasons', 'patterns'].some((key) => asArray(metadata[key]).length > 0) || 'flagged_input' in metadata,
    retryable: typeof availability['retryable'] === 'boolean' ? availability['retryable'] : null,
    fileAnnotations: asArray(metadata['file_annotations']),
    // llama.cpp's.
    tokens: { context: asAmount(error['n_ctx']), prompt: asAmount(error['n_prompt_tokens']) },
    waitHints: {
      seconds: [
        metadata['retry_after_seconds'],
        metadata['retry_after_seconds_raw'],
        availability['retry_after'],
        error['retry_after'],
        error['estimated_time'],
        // A day's quota is not filled again in seconds, whatever Google says beside it.
        ...(perDay ? [] : details.map(({ retryDelay }) => retryDelay)),
      ],
      resetsAt: metadata['resets_at'] ?? error['resets_at'] ?? null,
      headers: asObject(metadata['headers']),
    },
  };
}

/** Google's name of a quota that is used up (google.rpc.QuotaFailure): `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function isOfTheDay(violation: unknown): boolean {
  return /PerDay/i.test(asText(asObject(violation)['quotaId']) ?? '');
}

/** What APIs say in their own words alone, and the machine word for it. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\bfree-models-per-day/, 'free_models_per_day'],
  [/\bnot a valid model\b/i, 'model_not_found'],
  [/\bcan only afford [1-9]/i, 'request_unaffordable'],
  [/\bcredit balance is too low to access\b/i, 'credit_balance_exhausted'],
  [/\b(?:invalid|incorrect) api[- ]?key\b|\bapi key not valid\b/i, 'invalid_api_key'],
  [/\bv1\/responses\b|\bnot a chat model\b/i, 'not_chat_completions'],
  [/\btoo many tokens, please wait\b/i, 'rate_limit_exceeded'],
  // Of the prompt, and of prompt and answer together.
  [
    /\b(?:exceed|greater|larger|longer|not enough|maximum|overflow)[^]{0,80}\bcontext[- _](?:size|length|window|limit)\b/i,
    'context_length_exceeded',
  ],
  [
    /\bcontext[- _](?:size|length|window|limit)\b[^]{0,80}\b(?:exceed|not enough|too (?:long|large))/i,
    'context_length_exceeded',
  ],
  [
    /\b(?:prompt|input) (?:is )?too long\b|\binput (?:token count|tokens|length)\b[^]{0,60}\bexceed/i,
    'context_length_exceeded',
  ],
  [/\bmax(?:imum)? prompt length\b|\btokens in the prompt cannot exceed\b/i, 'context_length_exceeded'],
  [/\bmax_(?:completion_)?tokens\b[^]{0,40}\b(?:too (?:large|high)|exceeds)\b/i, 'max_tokens_exceeded'],
];

/** OpenRouter often says no more than this, and leaves the provider's own words in `metadata.raw`. */
const PASSED_ON = /^provider returned error/i;

function messageOf(error: JsonRecord, metadata: JsonRecord): string | null {
  const message = sentenceOf(error);
  return message === null || PASSED_ON.test(message) ? (rawMessage(metadata['raw']) ?? message) : message;
}

function rawMessage(raw: unknown): string | null {
  const value = typeof raw === 'string' ? (parseJson(raw) ?? raw) : raw;
  return isRecord(value) ? (sentenceOf(value['error']) ?? sentenceOf(value)) : asText(value);
}

/** Where APIs put their sentence, the first one first. */
const SENTENCES = ['message', 'Message', 'msg', 'detail', 'error_message', 'description', 'title', 'error', 'errors'];

/** As many complaints of one body are told, as deep as any API nests them. */
const MOST_TOLD = 5;
const DEEPEST = 4;

/**
 * What an error says. A complaint of a validator becomes `body.reasoning: Extra inputs are not permitted`; what it was
 * given, which may be all of the document, is left out.
 */
function sentenceOf(value: unknown, depth = 0): string | null {
  if (depth > DEEPEST) return null;
  if (!isRecord(value)) {
    if (!Array.isArray(value)) return asText(value);
    const told = value.slice(0, MOST_TOLD).map((one) => sentenceOf(one, depth + 1));
    return asText(told.filter((one) => one !== null).join('; '));
  }
  const said = SENTENCES.map((name) => sentenceOf(value[name], depth + 1)).find((one) => one !== null) ?? null;
  const path = asArray(value['loc']).filter((step) => typeof step === 'string' || typeof step === 'number');
  return said === null || path.length === 0 ? said : `${path.join('.')}: ${said}`;
}

function asStatus(value: unknown): number | null {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599 ? status : null;
}

/**
 * The status that an attempt is judged by: the reply's, or under a success the one that its error states; an error that
 * states none counts as the server's, 500. Null if no reply came.
 */
export function tellingStatus(status: number | null, error: ReportedError | null): number | null {
  if (status === null || !isSuccess(status) || error === null) return status;
  return error.status !== null && error.status >= 400 ? error.status : 500;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** An error of which nothing is known. */
export const NO_ERROR = read({});
