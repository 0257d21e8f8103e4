import type { Limit } from '../domain/attempt.ts';
import type { DocumentEvent, RunEvent } from '../domain/events.ts';

export type Stopping = Extract<RunEvent, { type: 'run-stopping' }>;

/** All that is counted of the events of a run. Progress and summary read it, and count nothing themselves. */
export interface Tally extends Readonly<Record<DocumentPhase, number>> {
  /** Documents that this run came to an end with: answered, reused, failed or held, but not in an earlier run. */
  readonly worked: number;
  /** Documents among `skipped` whose results were made with another recipe, model or parameters. */
  readonly stale: number;
  /** Calls that were sent. */
  readonly attempts: number;
  /** Attempts that repeat one which brought nothing; a further request of a document is none. */
  readonly retries: number;
  /** Attempts whose billing is in doubt. */
  readonly inDoubt: number;
  /** Calls that were in flight when the process before this one died. They are none of this run's attempts. */
  readonly inDoubtBefore: number;
  readonly promptTokens: number;
  /** Of those, the ones that providers had in their caches. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** USD; the sum of what is known. */
  readonly costUsd: number;
  /** Attempts that cost, or may have cost, an unknown amount. */
  readonly costUnknownAttempts: number;
  /** True once the inbox was listed. */
  readonly listed: boolean;
  /** Entries of the inbox that are never read, by kind in words, as of the last scan. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Attempts that ran into a limit of the API, by their code. */
  readonly limits: Readonly<Record<string, number>>;
  /** Why no call may start, by what is paused; `until` (ms since the epoch): when it ends by itself. */
  readonly paused: Readonly<Record<string, { readonly reason: string; readonly until?: number | undefined }>>;
  /** The cooldown that ends last; `untilMs` by the run's clock. */
  readonly cooling: { readonly untilMs: number; readonly reason: string; readonly limit?: Limit | undefined } | null;
  /** Calls that may be in flight, by model, if the gate found that out by itself. */
  readonly limited: Readonly<Record<string, number>>;
  /** Calls a minute that the API was found to take, by model. */
  readonly paced: Readonly<Record<string, number>>;
  /** Why one call goes at a time, by model. */
  readonly probing: Readonly<Record<string, string>>;
  /** Why the inbox cannot be listed; null if it can. */
  readonly inboxLost: string | null;
  /** Why nothing is asked with a recipe, by its name. */
  readonly barredRecipes: Readonly<Record<string, string>>;
  /** What ends the run before its work is done; null as long as nothing does. */
  readonly stopping: Stopping | null;
}

export const emptyTally: Tally = {
  queued: 0,
  running: 0,
  filing: 0,
  waiting: 0,
  pending: 0,
  overBudget: 0,
  held: 0,
  failed: 0,
  succeeded: 0,
  reused: 0,
  skipped: 0,
  gone: 0,
  worked: 0,
  stale: 0,
  attempts: 0,
  retries: 0,
  inDoubt: 0,
  inDoubtBefore: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  costUnknownAttempts: 0,
  listed: false,
  ignored: {},
  limits: {},
  paused: {},
  cooling: null,
  limited: {},
  paced: {},
  probing: {},
  inboxLost: null,
  barredRecipes: {},
  stopping: null,
};

/**
 * Where a document is. Each phase is also the name of the count of documents in it. `overBudget`: it is pending, as what
 * its recipe may cost is used up.
 */
export type DocumentPhase =
  | 'queued'
  | 'running'
  | 'filing'
  | 'waiting'
  | 'pending'
  | 'overBudget'
  | 'held'
  | 'failed'
  | 'succeeded'
  | 'reused'
  | 'skipped'
  | 'gone';

/** Where the event's document is after it; null if the event moves it nowhere. */
export function phaseAfter(event: DocumentEvent): DocumentPhase | null {
  switch (event.type) {
    case 'document-queued':
      return 'queued';
    case 'document-waiting':
      return 'waiting';
    case 'attempt-started':
      return 'running';
    case 'attempt-finished':
      return event.retryInSeconds === null ? 'filing' : 'waiting';
    case 'document-succeeded':
      return 'succeeded';
    case 'document-reused':
      return 'reused';
    case 'document-held':
      return 'held';
    case 'document-failed':
      return 'failed';
    case 'document-skipped':
      return 'skipped';
    case 'document-pending':
      return event.cause === 'budget' ? 'overBudget' : 'pending';
    case 'document-reopened':
      return 'pending';
    case 'document-gone':
      return 'gone';
    case 'attempt-interrupted':
    case 'document-departed':
    case 'document-noted':
      return null;
  }
}

/** True if nothing more is to come of a document, so that it need not be remembered. */
export function isFinal(phase: DocumentPhase): boolean {
  return phase === 'succeeded' || phase === 'reused' || phase === 'skipped' || phase === 'gone';
}
