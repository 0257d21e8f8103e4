import type { AttemptRecord } from '../domain/attempt.ts';
import { UNCOUNTED_ATTEMPTS } from '../stages/backoff.ts';
import { sinceLastReply } from './work-item.ts';

export interface GiveUpSettings {
  /** Attempts after the first that a document version gets. */
  readonly retries: number;
  /** Whether a request whose billing is in doubt is sent again, or held for a person. */
  readonly inDoubt: 'resend' | 'hold';
}

/** Why a document version is not asked any more. */
export interface GivenUp {
  readonly state: 'failed' | 'held';
  readonly code: string;
  readonly reason: string;
}

/** A request that may have been billed already is sent again at most this often (DESIGN section 4). */
const RESENT_IN_DOUBT = 2;
/** A document in whose flight the process died this often is what kills it (DESIGN section 5). */
const DEATHS = 3;

/** The code of an attempt that the process did not outlive. */
const PROCESS_DIED = 'process-died';

/**
 * Whether a document version may be asked once more, by the attempts that were made for it in all runs; null where it
 * may. An API that cannot be reached says nothing of a document, and gives none up.
 */
export function givenUp(settings: GiveUpSettings, attempts: readonly AttemptRecord[]): GivenUp | null {
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
    ? failed('retries-used-up', `no answer after ${counted(forThis.length)}; ${theLast(last)}`)
    : null;
}

/** Attempts that never reached the API: whatever was wrong, the document was not. */
export function neverArrived({ status, billing }: AttemptRecord): boolean {
  return status === null && billing === 'none';
}

function isUsedUp({ retries }: GiveUpSettings, attempts: readonly AttemptRecord[]): boolean {
  return attempts.filter(({ counts }) => counts).length > retries || uncounted(attempts) >= UNCOUNTED_ATTEMPTS;
}

/** Attempts that say nothing of the document: hinted waits, too many calls at once. */
export function uncounted(attempts: readonly AttemptRecord[]): number {
  return attempts.filter(({ counts, verdict }) => verdict === 'retry' && !counts).length;
}

function failed(code: string, reason: string): GivenUp {
  return { state: 'failed', code, reason };
}

function theLast({ message }: AttemptRecord): string {
  return `the last: ${message}`;
}

function counted(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}
