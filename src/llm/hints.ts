import type { ApiError } from './api-error.ts';
import { tellingStatus } from './telling-status.ts';

type Headers = Readonly<Record<string, unknown>>;

/** Where a reply may say how long to wait. */
export interface HintSource {
  readonly status: number | null;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly error: ApiError | null;
}

/**
 * How long the server asks to wait, in seconds, or null where it does not say; neither negative nor clamped. Read, in
 * this order, from `retry-after-ms`, `Retry-After` (seconds or an HTTP date, measured against the reply's own `Date`),
 * the body's hints, and of a 429 alone `X-RateLimit-Reset`: beside anything else it says when a quota is refilled, not
 * when to ask again.
 *
 * @param nowMs our own clock, for replies without a `Date`.
 */
export function retryHint({ status, headers, error }: HintSource, nowMs: number): number | null {
  const quoted = lowerCased(error?.waitHints.headers ?? {});
  const serverNowMs = dateMs(headers['date']) ?? nowMs;
  const hint =
    thousandth(amount(headers['retry-after-ms'])) ??
    secondsOrDate(headers['retry-after'], serverNowMs) ??
    firstAmount(error?.waitHints.seconds ?? []) ??
    secondsOrDate(quoted['retry-after'], serverNowMs);
  if (hint !== null || tellingStatus(status, error) !== 429) return hint;
  return untilReset(headers['x-ratelimit-reset'], serverNowMs) ?? untilReset(quoted['x-ratelimit-reset'], serverNowMs);
}

function secondsOrDate(value: unknown, nowMs: number): number | null {
  return amount(value) ?? untilMs(dateMs(value), nowMs);
}

/** OpenRouter sends the moment in milliseconds since the epoch, others in seconds, others again the seconds to go. */
function untilReset(value: unknown, nowMs: number): number | null {
  const reset = amount(value);
  if (reset === null || reset < 1e9) return reset;
  return untilMs(reset > 1e12 ? reset : reset * 1000, nowMs);
}

function untilMs(moment: number | null, nowMs: number): number | null {
  return moment === null ? null : Math.max(0, (moment - nowMs) / 1000);
}

function thousandth(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

function firstAmount(values: readonly unknown[]): number | null {
  return values.map(amount).find((value) => value !== null) ?? null;
}

function amount(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.max(0, number) : null;
}

/** HTTP dates name their day or month; anything else would be a misread number. */
function dateMs(value: unknown): number | null {
  const moment = typeof value === 'string' && /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isFinite(moment) ? moment : null;
}

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
