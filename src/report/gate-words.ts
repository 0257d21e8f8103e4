import type { Limit } from '../domain/attempt.ts';
import { counted, durationInWords, momentInWords, numberInWords } from './words.ts';

const LIMITS: Readonly<Record<Limit, string>> = {
  rate: 'rate limit',
  concurrency: 'too many at once',
  upstream: "the provider's shared pool",
  spending: 'money held back for calls in flight',
};

/** `cooling down, 43 s (rate limit): the API asked to wait`. */
export function coolingInWords(cooling: {
  readonly seconds: number;
  readonly reason: string;
  readonly limit?: Limit | undefined;
}): string {
  const limit = cooling.limit === undefined ? '' : ` (${LIMITS[cooling.limit]})`;
  return `cooling down, ${durationInWords(cooling.seconds)}${limit}: ${cooling.reason}`;
}

/** `at most 12 calls at once`. */
export function limitedInWords(calls: number): string {
  return `at most ${counted(calls, 'call')} at once`;
}

/** `paced to 120 calls a minute`. */
export function pacedInWords(callsPerMinute: number): string {
  const rate = callsPerMinute < 10 ? callsPerMinute.toFixed(1) : numberInWords(callsPerMinute);
  return `paced to ${rate} calls a minute`;
}

/** `paused until 2026-04-01 00:00 UTC: the budget of the day is spent`. */
export function pausedInWords({
  reason,
  until,
}: {
  readonly reason: string;
  readonly until?: number | undefined;
}): string {
  return until === undefined ? `paused: ${reason}` : `paused until ${momentInWords(until)}: ${reason}`;
}
