import { asArray, asObject, asText, isRecord, type JsonRecord, parseJson } from '../../lib/json.ts';

/** An API's error object, as far as it helps to judge an attempt. Nothing in it is redacted yet. */
export interface ReportedError {
  /** The status that the error says it has; null if it says none. */
  readonly status: number | null;
  /** Machine words for what happened, the most telling first: `context_length_exceeded`, `insufficient_quota`. */
  readonly types: readonly string[];
  /** The server's words, the provider's own if the API only passes them on. */
  readonly message: string | null;
  readonly provider: string | null;
  readonly limitSource: string | null;
  readonly reason: string | null;
  /** Content rules refused the document. */
  readonly moderated: boolean;
  /** Whether the API itself says that asking again helps. */
  readonly retryable: boolean | null;
  /** What the API parsed out of files before it failed, as it sent it. */
  readonly fileAnnotations: readonly unknown[];
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
  return isRecord(error) && Object.keys(error).length > 0 ? read(error) : null;
}

function read(error: JsonRecord): ReportedError {
  const metadata = asObject(error['metadata']);
  const availability = asObject(error['availability']);
  return {
    status: asStatus(error['code']) ?? asStatus(error['http_status']) ?? asStatus(error['status']),
    types: [
      ...TELLING.filter(([pattern]) => pattern.test(asText(error['message']) ?? '')).map(([, word]) => word),
      metadata['error_type'],
      error['error_type'],
      availability['code'],
      error['code'],
      error['type'],
    ].filter((type) => typeof type === 'string'),
    message: messageOf(error, metadata),
    provider: asText(metadata['provider_name']),
    limitSource: asText(metadata['limit_source']),
    reason: asText(metadata['reason']),
    moderated: ['reasons', 'patterns'].some((key) => asArray(metadata[key]).length > 0) || 'flagged_input' in metadata,
    retryable: typeof availability['retryable'] === 'boolean' ? availability['retryable'] : null,
    fileAnnotations: asArray(metadata['file_annotations']),
    waitHints: {
      seconds: [metadata['retry_after_seconds'], metadata['retry_after_seconds_raw'], availability['retry_after']],
      resetsAt: metadata['resets_at'] ?? error['resets_at'] ?? null,
      headers: asObject(metadata['headers']),
    },
  };
}

/** What APIs say in their own words alone, and the machine word for it. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\bfree-models-per-day/, 'free_models_per_day'],
  [/\bnot a valid model\b/i, 'model_not_found'],
  [/\bcan only afford [1-9]/i, 'request_unaffordable'],
  [/\bcredit balance is too low to access\b/i, 'credit_balance_exhausted'],
];

/** OpenRouter often says no more than this, and leaves the provider's own words in `metadata.raw`. */
const PASSED_ON = /^provider returned error/i;

function messageOf(error: JsonRecord, metadata: JsonRecord): string | null {
  const message = asText(error['message']);
  return message === null || PASSED_ON.test(message) ? (rawMessage(metadata['raw']) ?? message) : message;
}

function rawMessage(raw: unknown): string | null {
  const value = typeof raw === 'string' ? (parseJson(raw) ?? raw) : raw;
  if (!isRecord(value)) return asText(value);
  return asText(asObject(value['error'])['message']) ?? asText(value['message']) ?? asText(value['error']);
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
