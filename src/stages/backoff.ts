export interface BackoffSettings {
  /** Attempts after the first that a document version gets. */
  readonly retries: number;
  /** The first wait; each further one is twice the one before. */
  readonly retryDelaySeconds: number;
}

/** A server's hint up to this long (seconds) is waited for; a longer one parks the document. */
export const LONGEST_HINT_SECONDS = 15 * 60;
/** A wait longer than this leaves the stream, so that it holds no place there. */
export const LONGEST_WAIT_IN_STREAM_SECONDS = 60;
/** Attempts of one document version that do not count towards `retries`, all told. */
export const UNCOUNTED_ATTEMPTS = 100;
/** Attempts that do not count let the wait grow up to this one. */
export const WAITS_THAT_GROW = 6;
/** No wait is longer than this (seconds), whatever a server hints: then it is looked at again. */
const LONGEST_WAIT_SECONDS = 24 * 60 * 60;

/**
 * Seconds until the next attempt: `retryDelaySeconds` x 2^(attempts - 1), drawn between half and the whole of it; a
 * server's hint is a lower bound.
 *
 * @param attempts how many attempts were made, at least 1
 * @param random a number from 0 to below 1
 */
export function backoffSeconds(
  { retryDelaySeconds }: BackoffSettings,
  attempts: number,
  hintSeconds: number | null,
  random: number,
): number {
  const whole = retryDelaySeconds * 2 ** (Math.max(attempts, 1) - 1);
  const drawn = whole * (0.5 + random / 2);
  return Math.min(Math.max(drawn, hintSeconds ?? 0), LONGEST_WAIT_SECONDS);
}
