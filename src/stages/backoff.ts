import type { Limit } from '../domain/attempt.ts';
import { LONGEST_WAIT_SECONDS } from '../domain/limits.ts';

export interface BackoffSettings {
  /** Attempts after the first that a document version gets. */
  readonly retries: number;
  /** The first wait; each further one is twice the one before. */
  readonly retryDelaySeconds: number;
}

/**
 * Seconds before a document comes back that was one too many at once, at most at first. The gate lets fewer out at once
 * meanwhile, so that a long wait would only make the end of a run late.
 */
const FIRST_WAIT_OF_ONE_TOO_MANY = 0.5;

/** A wait longer than this leaves the stream, so that it holds no place there. */
export const LONGEST_WAIT_IN_STREAM_SECONDS = 60;
/** Attempts of one document version that do not count towards `retries`, all told. */
export const UNCOUNTED_ATTEMPTS = 100;
/** Attempts that do not count let the wait grow up to this one. */
export const WAITS_THAT_GROW = 6;

/** How the waits of a document begin that ran into this limit. */
export function firstWaitSeconds({ retryDelaySeconds }: BackoffSettings, limit: Limit | undefined): number {
  return limit === 'concurrency' ? Math.min(retryDelaySeconds, FIRST_WAIT_OF_ONE_TOO_MANY) : retryDelaySeconds;
}

/**
 * Seconds until the next attempt: `retryDelaySeconds` x 2^(attempts - 1), drawn between half and the whole of it; a
 * server's hint is a lower bound.
 *
 * @param attempts how many attempts were made, at least 1
 * @param random a number from 0 to below 1
 */
export function backoffSeconds(
  { retryDelaySeconds }: Pick<BackoffSettings, 'retryDelaySeconds'>,
  attempts: number,
  hintSeconds: number | null,
  random: number,
): number {
  const whole = retryDelaySeconds * 2 ** (Math.max(attempts, 1) - 1);
  const drawn = whole * (0.5 + random / 2);
  return Math.min(Math.max(drawn, hintSeconds ?? 0), LONGEST_WAIT_SECONDS);
}
