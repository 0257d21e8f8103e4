import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';

/** The same refusal of this many first attempts is a mistake of configuration, not of documents (DESIGN section 5). */
const FIRST_ATTEMPTS = 5;

/** What is known of a model from its first attempts. */
interface Trial {
  status: number | null;
  failed: DocumentRef[];
  over: 'proven' | 'refused' | null;
}

export interface Ruling {
  readonly outcome: AttemptOutcome;
  /** Documents that were failed for what turned out to be a mistake of configuration. */
  readonly reopen: readonly DocumentRef[];
}

/**
 * Watches the first attempts of each model: when five in a row are refused alike (400, 404 or 422), the model pauses
 * and the documents that were failed for it are taken back, so that a typo in a parameter fails no document.
 */
export class FirstAttempts {
  readonly #trials = new Map<string, Trial>();

  rule(model: string, document: DocumentRef, outcome: AttemptOutcome): Ruling {
    const trial = this.#trial(model);
    const { verdict, record } = outcome;
    const refused = verdict.kind === 'fail' && verdict.suspect;
    if (trial.over === 'refused' && refused && record.status === trial.status) return asPause(outcome, []);
    if (trial.over !== null || verdict.kind === 'retry' || verdict.kind === 'pause') return asItIs(outcome);
    if (!refused || (trial.status !== null && trial.status !== record.status)) {
      Object.assign(trial, { over: 'proven', failed: [] });
      return asItIs(outcome);
    }
    trial.status = record.status;
    if (trial.failed.length < FIRST_ATTEMPTS - 1) {
      trial.failed.push(document);
      return asItIs(outcome);
    }
    const reopen = trial.failed;
    Object.assign(trial, { over: 'refused', failed: [] });
    return asPause(outcome, reopen);
  }

  /** The configuration was looked at again: the next attempts are first attempts. */
  forget(): void {
    this.#trials.clear();
  }

  #trial(model: string): Trial {
    let trial = this.#trials.get(model);
    if (trial === undefined) {
      trial = { status: null, failed: [], over: null };
      this.#trials.set(model, trial);
    }
    return trial;
  }
}

function asItIs(outcome: AttemptOutcome): Ruling {
  return { outcome, reopen: [] };
}

function asPause(outcome: AttemptOutcome, reopen: readonly DocumentRef[]): Ruling {
  const record = { ...outcome.record, verdict: 'pause' as const };
  return { outcome: { ...outcome, record, verdict: { kind: 'pause', scope: 'model' } }, reopen };
}
