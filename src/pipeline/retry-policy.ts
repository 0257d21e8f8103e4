import type { AttemptRecord, Limit } from '../domain/attempt.ts';
import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import { sinceLastReply } from './work-item.ts';

export interface RetrySettings {
  /** Attempts after the first that a document version gets. */
  readonly retries: number;
  /** The first wait; each further one is twice the one before. */
  readonly retryDelaySeconds: number;
  /** Whether a request whose billing is in doubt is sent again, or held for a person. */
  readonly inDoubt: 'resend' | 'hold';
}

/** Why a document version is not asked any more. */
export interface GivenUp {
  readonly state: 'failed' | 'held';
  readonly code: string;
  readonly reason: string;
}

/** A request that may have been billed already is sent again at most this often. */
const RESENT_IN_DOUBT = 2;
/** A document during whose call the process died this often is taken for the cause. */
const DEATHS = 3;
/** The code of an attempt that the process did not outlive. */
const PROCESS_DIED = 'process-died';
/** Attempts of one document version that do not count towards `retries`, at most. */
const UNCOUNTED_ATTEMPTS = 100;
/** Attempts that do not count let the wait grow up to this one. */
const WAITS_THAT_GROW = 6;
/** A wait longer than this leaves the stream, so that it holds no place there. */
const LONGEST_WAIT_IN_STREAM_MS = 60_000;
/**
 * The longest first wait, in seconds, after a reply that says too many at once. The gate lets fewer out meanwhile, so that a
 * longer wait would only make the end of a run late.
 */
const FIRST_WAIT_OF_ONE_TOO_MANY = 0.5;

/**
 * Whether a document version may be asked once more, by the attempts that were made for it in all runs; null where it
 * may. An API that cannot be reached says nothing of a document, and gives none up.
 */
export function givenUp(settings: RetrySettings, attempts: readonly AttemptRecord[]): GivenUp | null {
  const last = attempts.at(-1);
  if (last === undefined) return null;
  const doubtful = attempts.filter(({ billing }) => billing === 'in doubt').length;
  const deaths = attempts.filter(({ code }) => code === PROCESS_DIED).length;
  if (last.verdict === 'fail') return { state: 'failed', code: last.code, reason: last.message };
  if (deaths >= DEATHS) {
    const reason = `the process died ${deaths} times while it was asked; it may be the cause`;
    return failed('process-died', reason);
  }
  if (last.billing === 'in doubt' && settings.inDoubt === 'hold') {
    const reason = `it may have been billed already: ${last.message}`;
    return { state: 'held', code: 'in-doubt', reason };
  }
  if (doubtful > RESENT_IN_DOUBT) {
    const reason = `no whole reply to ${doubtful} requests, each of which may have been billed; ${theLast(last)}`;
    return failed('in-doubt', reason);
  }
  const forThis = sinceLastReply(attempts);
  return isUsedUp(settings, forThis)
    ? failed('retries-used-up', `no answer after ${inWords(forThis.length)}; ${theLast(last)}`)
    : null;
}

/** Attempts that never reached the API: whatever was wrong, the document was not. */
export function neverArrived({ status, billing }: AttemptRecord): boolean {
  return status === null && billing === 'none';
}

function isUsedUp({ retries }: RetrySettings, attempts: readonly AttemptRecord[]): boolean {
  return attempts.filter(({ counts }) => counts).length > retries || uncounted(attempts) >= UNCOUNTED_ATTEMPTS;
}

/** Attempts that say nothing of the document: hinted waits, too many calls at once. */
function uncounted(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ counts, verdict }) => verdict === 'retry' && !counts).length;
}

function failed(code: string, reason: string): GivenUp {
  return { state: 'failed', code, reason };
}

function theLast({ message }: AttemptRecord): string {
  return `the last: ${message}`;
}

function inWords(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

/**
 * Seconds until the next attempt: the first wait x 2^(attempts - 1), drawn between half and the whole of it; a server's
 * hint is a lower bound.
 *
 * @param attempts those for the request at hand, the last of which brought nothing
 * @param random a number from 0 to below 1
 */
export function backoffSeconds(
  { retryDelaySeconds }: Pick<RetrySettings, 'retryDelaySeconds'>,
  attempts: readonly AttemptRecord[],
  { hintSeconds, limit }: { readonly hintSeconds: number | null; readonly limit?: Limit | undefined },
  random: number,
): number {
  const first = limit === 'concurrency' ? Math.min(retryDelaySeconds, FIRST_WAIT_OF_ONE_TOO_MANY) : retryDelaySeconds;
  const drawn = first * 2 ** (Math.max(waits(attempts), 1) - 1) * (0.5 + random / 2);
  return Math.min(Math.max(drawn, hintSeconds ?? 0), LONGEST_WAIT_SECONDS);
}

/** Waits grow with every attempt up to the sixth, also with those that do not count; beyond that with those that do. */
function waits(attempts: readonly AttemptRecord[]): number {
  const counted = attempts.filter(({ counts }) => counts).length;
  return Math.max(counted, Math.min(counted + uncounted(attempts), WAITS_THAT_GROW));
}

/** Whether a document may wait so long where it is, between two attempts. */
export function waitsInStream(ms: number): boolean {
  return ms <= LONGEST_WAIT_IN_STREAM_MS;
}
