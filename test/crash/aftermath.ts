import type { Summary } from '../../src/report/summary.ts';
import type { BilledDocument } from '../../src/simulator/billing.ts';
import type { TrialDocument } from './documents.ts';
import type { Reading } from './outbox-reader.ts';
import type { LedgerAttempt, LedgerFacts } from './read-ledger.ts';
import type { TrialSettings } from './trial.ts';

/** One run of the program in a trial. */
export interface Run {
  /** Null where it was killed. */
  readonly code: number | null;
  /** Null where it was killed. */
  readonly summary: Summary | null;
  /** Attempts, by name, without an end in the ledger after it: it was killed, or the disk refused, while the calls were in flight. */
  readonly inFlight: readonly string[];
  /** A kill was planned. */
  readonly mayDie: boolean;
  /** All that it wrote to stderr. */
  readonly complaint: string;
}

/** All that is known of a workspace when the last run over it came to rest. */
export interface Aftermath {
  readonly root: string;
  readonly documents: readonly TrialDocument[];
  readonly settings: Pick<TrialSettings, 'after' | 'inDoubt' | 'receipts'>;
  /** Oldest first. */
  readonly runs: readonly Run[];
  readonly ledger: LedgerFacts;
  /** Of the simulator: the oracle of what was paid. */
  readonly billing: readonly BilledDocument[];
  readonly reading: Reading;
}

/** Something that must not be. */
export interface Finding {
  /** `lost`: a document, a result, a part of one. `paid`: billed twice and not reported. `wrong`: anything else. */
  readonly kind: 'lost' | 'paid' | 'wrong';
  readonly what: string;
}

/** Attempts that were in flight when their process died. */
export function interrupted(attempts: readonly LedgerAttempt[]): readonly LedgerAttempt[] {
  return attempts.filter(({ code }) => code === 'process-died');
}

/** All attempts that a run left without an end. */
export function everInFlight(runs: readonly Run[]): ReadonlySet<string> {
  return new Set(runs.flatMap(({ inFlight }) => inFlight));
}
