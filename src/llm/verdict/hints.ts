import { type ReportedError, tellingStatus } from './reported-error.ts';

type HeaderValues = Readonly<Record<string, unknown>>;

/** Milliseconds since the epoch. */
type EpochMs = () => number;

/** Where a reply may say how long to wait. Names of headers are in lower case. */
interface HintSource {
  readonly status: number | null;
  readonly headers: HeaderValues;
  readonly error: ReportedError | null;
}

/** What a reply says of time. Seconds are finite, neither negative nor clamped; null if it does not say. */
export interface Hints {
  /** How long the server asks to wait. */
  readonly retrySeconds: number | null;
  /** Until a quota or budget is filled again. */
  readonly resetSeconds: number | null;
  /** It is a 429 whose headers count calls or tokens. */
  readonly namesRate: boolean;
}

/**
 * The wait is read, in this order, from `retry-after-ms`, `Retry-After` (seconds or a date, measured against the
 * reply's own `Date`) and the body's hints; of a 429 also from the reset of its limit and from its words. Beside anything
 * else a reset says when a quota is filled again, not when to ask again.
 *
 * @param nowMs our own clock, for replies without a `Date`.
 */
export function readHints({ status, headers, error }: HintSource, nowMs: number): Hints {
  const quoted = error === null ? NO_HEADERS : lowerCased(error.waitHints.headers);
  // Most replies ask for no wait, and their date is not read.
  const serverNow: EpochMs = () => dateMs(headers['date']) ?? nowMs;
  const isLimit = tellingStatus(status, error) === 429;
  const resetsAt = untilReset(error?.waitHints.resetsAt, serverNow);
  const refilled = isLimit ? (untilRefilled(headers, serverNow) ?? untilRefilled(quoted, serverNow)) : null;
  const retryMs = amount(headers['retry-after-ms']);
  const retrySeconds =
    (retryMs === null ? null : retryMs / 1000) ??
    secondsOrDate(headers['retry-after'], serverNow) ??
    (error?.waitHints.seconds ?? []).map(secondsOf).find(isNumber) ??
    secondsOrDate(quoted['retry-after'], serverNow) ??
    (isLimit ? (refilled ?? resetsAt ?? durationSeconds(WAIT_IN_WORDS.exec(error?.message ?? '')?.[1] ?? '')) : null);
  return {
    retrySeconds,
    resetSeconds: resetsAt ?? refilled ?? retrySeconds,
    namesRate: isLimit && [headers, quoted].some((names) => Object.keys(names).some((name) => RATE_HEADER.test(name))),
  };
}

const NO_HEADERS: HeaderValues = {};

/** OpenRouter's and OpenAI's, Anthropic's, and those of the IETF's draft. */
const RATE_HEADER = /^(?:x-|anthropic-)?ratelimit\b/;

/** OpenAI and its like count each kind, and say how much is left of it. */
const KINDS = ['requests', 'tokens'];

function untilRefilled(headers: HeaderValues, now: EpochMs): number | null {
  const spent = KINDS.filter((kind) => amount(headers[`x-ratelimit-remaining-${kind}`]) === 0);
  const waits = spent.map((kind) => untilReset(headers[`x-ratelimit-reset-${kind}`], now)).filter(isNumber);
  return untilReset(headers['x-ratelimit-reset'], now) ?? (waits.length === 0 ? null : Math.max(...waits));
}

/** OpenAI and others say in words alone how long. */
const WAIT_IN_WORDS =
  /\b(?:try again|retry|wait|available)(?: again)?(?: in| after| for)? ((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)/i;

function secondsOrDate(value: unknown, now: EpochMs): number | null {
  return amount(value) ?? untilMs(dateMs(value), now);
}

/** OpenRouter sends the moment in milliseconds since the epoch, others in seconds, as a date, or the time to go. */
function untilReset(value: unknown, now: EpochMs): number | null {
  const reset = amount(value);
  if (reset === null) return untilMs(dateMs(value), now) ?? (typeof value === 'string' ? durationSeconds(value) : null);
  if (reset < 1e9) return reset;
  return untilMs(reset > 1e12 ? reset : reset * 1000, now);
}

function untilMs(moment: number | null, now: EpochMs): number | null {
  return moment === null ? null : Math.max(0, (moment - now()) / 1000);
}

function isNumber(value: number | null): value is number {
  return value !== null;
}

/** Google writes `34s`. */
function secondsOf(value: unknown): number | null {
  return amount(value) ?? (typeof value === 'string' ? durationSeconds(value) : null);
}

function amount(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.max(0, number) : null;
}

/** HTTP dates name their day or month, ISO dates begin with the year; anything else would be a misread number. */
function dateMs(value: unknown): number | null {
  const moment = typeof value === 'string' && /[a-z]{3}|^\d{4}-\d\d-\d\d/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(moment) ? moment : null;
}

function lowerCased(headers: HeaderValues): HeaderValues {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The first letter names the unit, but for milliseconds. */
const PART = /(\d+(?:\.\d+)?)\s*(ms|milli|[dhms])/gi;

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, milli: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a duration as APIs write it: `6m0s`, `250ms`, `1.5 seconds`. Null if the text holds none. */
export function durationSeconds(text: string): number | null {
  const parts = [...text.matchAll(PART)].map(
    ([, count, unit = '']) => Number(count) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0),
  );
  const seconds = parts.reduce((sum, part) => sum + part, 0);
  return parts.length > 0 && Number.isFinite(seconds) ? seconds : null;
}
