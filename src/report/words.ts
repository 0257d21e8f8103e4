import type { Limit } from '../domain/attempt.ts';
import { secretPattern } from '../lib/secrets.ts';
import { counted, dollars, numeral } from '../lib/text.ts';
import type { Tally } from './tally.ts';

export { counted, numeral as numberInWords } from '../lib/text.ts';

/** The last moment that a `Date` can hold. */
const LATEST_MS = 8.64e15;

/** `12 s`, `3 min`, `2 h 5 min`; rounded up, so that a countdown ends at 1 s. */
export function durationInWords(seconds: number): string {
  if (seconds <= 99) return `${Math.max(0, Math.ceil(seconds))} s`;

  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${numeral(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** How long something took: `under 0.1 s`, `0.4 s`, `7.2 s`, and from 10 s on like `durationInWords`. */
export function elapsedInWords(seconds: number): string {
  if (seconds < 0.1) return 'under 0.1 s';
  return seconds < 10 ? `${seconds.toFixed(1)} s` : durationInWords(seconds);
}

/** `2026-04-01 00:00 UTC`; rounded up, so that it is never too early. `ms` since the epoch. */
export function momentInWords(ms: number): string {
  const minute = 60_000;
  const iso = new Date(Math.min(Math.ceil(ms / minute) * minute, LATEST_MS)).toISOString();
  return `${iso.slice(0, -8).replace('T', ' ')} UTC`;
}

/** The known cost, and how many attempts cost an unknown amount: unknown is never shown as 0. */
export function costInWords({ costUsd, costUnknownAttempts }: Pick<Tally, 'costUsd' | 'costUnknownAttempts'>): string {
  if (costUnknownAttempts === 0) return usd(costUsd);

  const known = costUsd === 0 ? '' : `${usd(costUsd)} and `;
  return `${known}unknown for ${counted(costUnknownAttempts, 'attempt')}`;
}

/** US dollars; an amount too small to show is not shown as 0. */
export function usd(value: number): string {
  return value > 0 && value < 0.0001 ? 'under $0.0001' : dollars(value);
}

/** Controls, line and paragraph separators, marks that change the direction of text, halves of surrogate pairs. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` on one line and harmless to a terminal: what cannot be seen becomes an escape such as `\n`, `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (hidden) => NAMED[hidden] ?? `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
}

/**
 * The last net: replaces every secret, however it came into a text, but for those that are too short to be told from
 * words. `secrets` is read at each call, so that some may be added later.
 */
export function redact(secrets: Iterable<string>): (text: string) => string {
  const patterns = new Map<string, RegExp | null>();
  return (text) => {
    let safe = text;
    for (const secret of secrets) {
      if (!patterns.has(secret)) patterns.set(secret, secretPattern(secret));
      const pattern = patterns.get(secret) ?? null;
      if (pattern !== null) safe = safe.replace(pattern, '[redacted]');
    }
    return safe;
  };
}

const LIMITS: Readonly<Record<Limit, string>> = {
  rate: 'rate limit',
  concurrency: 'too many at once',
  upstream: "the provider's shared pool",
  spending: 'money held back for calls in flight',
};

/** `cooling down, 43 s (rate limit): the API asked to wait`. */
export function coolingInWords(seconds: number, reason: string, limit: Limit | undefined): string {
  const reached = limit === undefined ? '' : ` (${LIMITS[limit]})`;
  return `cooling down, ${durationInWords(seconds)}${reached}: ${reason}`;
}

/** `at most 12 calls at once`. */
export function limitedInWords(calls: number): string {
  return `at most ${counted(calls, 'call')} at once`;
}

/** `paced to 120 calls a minute`. */
export function pacedInWords(callsPerMinute: number): string {
  const rate = callsPerMinute < 10 ? callsPerMinute.toFixed(1) : numeral(callsPerMinute);
  return `paced to ${rate} calls a minute`;
}

/** `paused until 2026-04-01 00:00 UTC: the budget of the day is spent`. */
export function pausedInWords({ reason, until }: Tally['paused'][string]): string {
  return until === undefined ? `paused: ${reason}` : `paused until ${momentInWords(until)}: ${reason}`;
}

/** A recipe that cannot be used as things are. */
export interface BarredRecipe {
  readonly name: string;
  /** A sentence that names it. */
  readonly reason: string;
  /** How many in the inbox wait until it can. */
  readonly documents: number;
}

/** The reason for people, with how many documents wait. */
export function barredRecipeLine({ reason, documents }: BarredRecipe): string {
  const wait = documents === 1 ? '1 document waits' : `${counted(documents, 'document')} wait`;
  return documents === 0 ? visible(reason) : `${visible(reason)} (${wait} for it)`;
}
