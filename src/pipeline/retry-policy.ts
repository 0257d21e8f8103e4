import {
  type AttemptRecord,
  FIELD_REFUSED,
  type Limit,
  LONGEST_WAIT_SECONDS,
  OUT_OF_REACH,
} from '../domain/attempt.ts';
import type { Options } from '../domain/options.ts';
import { sinceLastReply } from './work-item.ts';

/** Why a document version is not asked any more. */
export interface GivenUp {
  readonly state: 'failed' | 'held';
  readonly code: string;
  readonly reason: string;
}

/** A request that may have been billed already is sent again at most this often. */
const RESENT_IN_DOUBT = 2;
/** What ends a whole reply that holds no answer, and may do so again and again. */
const NO_ANSWER: ReadonlySet<string> = new Set(['empty-answer', 'no-choices']);
/** A request that was paid for, and brought none, is sent again at most this often. */
const RESENT_IN_VAIN = 2;
/** A document during whose call the process died this often is taken for the cause. */
const DEATHS = 3;
/** The code of an attempt that the process did not outlive. */
const PROCESS_DIED = 'process-died';
/** Attempts of one document version that do not count towards `retries`, at most. */
const UNCOUNTED_ATTEMPTS = 100;
/** For so many attempts, waits grow also with those that do not count. */
const WAITS_THAT_GROW = 6;
/** A wait longer than this leaves the stream, so that it holds no place there. */
const LONGEST_WAIT_IN_STREAM_MS = 60_000;
/**
 * The longest first wait, in seconds, after a reply that says too many at once: the gate makes fewer calls then, and a longer
 * wait would only delay the end of the run.
 */
const FIRST_WAIT_OF_ONE_TOO_MANY = 0.5;

/** Why a document version may not be asked once more, after its attempts of all runs; null if it may. Outages do not count. */
export function givenUp(
  settings: Pick<Options, 'retries' | 'inDoubt'>,
  attempts: readonly AttemptRecord[],
): GivenUp | null {
  const last = attempts.at(-1);
  if (last === undefined) return null;
  const heard = attempts.filter((made) => !isOutage(made));
  const doubtful = heard.filter(({ billing }) => billing === 'in doubt').length;
  const deaths = attempts.filter(({ code }) => code === PROCESS_DIED).length;
  if (last.verdict === 'fail') return { state: 'failed', code: last.code, reason: last.message };
  if (deaths >= DEATHS) {
    const reason = `the process died ${deaths} times while it was asked; it may be the cause`;
    return failed(PROCESS_DIED, reason);
  }
  if (last.billing === 'in doubt' && settings.inDoubt === 'hold') {
    const reason = `it may have been billed already: ${last.message}`;
    return { state: 'held', code: 'in-doubt', reason };
  }
  if (doubtful > RESENT_IN_DOUBT) {
    const reason = `no whole reply to ${doubtful} requests, each of which may have been billed; the last: ${last.message}`;
    return failed('in-doubt', reason);
  }
  const forThis = sinceLastReply(heard);
  const inVain = forThis.filter(
    ({ code, billing, costUsd }) => NO_ANSWER.has(code) && billing === 'known' && costUsd !== 0,
  );
  if (inVain.length > RESENT_IN_VAIN) {
    const reason = `no answer in ${inVain.length} whole replies, each of which was paid for; the last: ${last.message}`;
    return failed(last.code, reason);
  }
  if (counted(forThis) <= settings.retries && uncounted(forThis) < UNCOUNTED_ATTEMPTS) return null;
  const made = forThis.length === 1 ? '1 attempt' : `${forThis.length} attempts`;
  return failed('retries-used-up', `no answer after ${made}; the last: ${last.message}`);
}

function failed(code: string, reason: string): GivenUp {
  return { state: 'failed', code, reason };
}

/** Whether an attempt never came to the API, as far as that is known: whatever was wrong, the document was not. */
export function isOutage({ status, billing, code }: AttemptRecord): boolean {
  return code === OUT_OF_REACH || (status === null && billing === 'none');
}

/** Whether an outage has outlasted the attempts of a document: it waits outside of the stream then. */
export function outlastsRetries({ retries }: Pick<Options, 'retries'>, attempts: readonly AttemptRecord[]): boolean {
  return counted(sinceLastReply(attempts)) > retries;
}

function counted(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ counts }) => counts).length;
}

/** Attempts that say nothing of the document: hinted waits, too many calls at once. */
function uncounted(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ counts, verdict }) => verdict === 'retry' && !counts).length;
}

/**
 * Seconds until the next attempt: the first wait x 2^(attempts - 1), drawn between half and the whole of it; a server's
 * hint is a lower bound.
 *
 * @param attempts those for the request at hand, the last of which brought nothing
 * @param random a number from 0 to below 1
 */
export function backoffSeconds(
  { retryDelaySeconds }: Pick<Options, 'retryDelaySeconds'>,
  attempts: readonly AttemptRecord[],
  { hintSeconds, limit }: { readonly hintSeconds: number | null; readonly limit?: Limit | undefined },
  random: number,
): number {
  const first = limit === 'concurrency' ? Math.min(retryDelaySeconds, FIRST_WAIT_OF_ONE_TOO_MANY) : retryDelaySeconds;
  const drawn = first * 2 ** (Math.max(waits(attempts), 1) - 1) * (0.5 + random / 2);
  return Math.min(Math.max(drawn, hintSeconds ?? 0), LONGEST_WAIT_SECONDS);
}

/** Waits grow with every attempt up to the sixth; beyond that only with those that count. */
function waits(all: readonly AttemptRecord[]): number {
  // One that was sent again at once, in another form, says nothing of how busy the API is.
  const attempts = all.filter(({ code }) => code !== FIELD_REFUSED);
  const counting = counted(attempts);
  return Math.max(counting, Math.min(counting + uncounted(attempts), WAITS_THAT_GROW));
}

/** Whether a document may wait so long where it is, between two attempts. */
export function waitsInStream(ms: number): boolean {
  return ms <= LONGEST_WAIT_IN_STREAM_MS;
}
