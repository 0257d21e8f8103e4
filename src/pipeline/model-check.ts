import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';

/** The same refusal of this many first attempts is a mistake of configuration, not of documents. */
const REFUSALS_ALIKE = 5;

/** What is known of a model from its first attempts. */
interface Trial {
  status: number | null;
  refusals: number;
  /** Documents whose failure was filed while the trial went on. */
  failed: DocumentRef[];
  end: 'proven' | 'refused' | null;
}

export interface CheckedOutcome {
  readonly model: string;
  readonly outcome: AttemptOutcome;
  /** Documents that were failed for what turned out to be a mistake of configuration. */
  readonly reopen: readonly DocumentRef[];
}

/**
 * Watches the first attempts of each model: when five in a row are refused alike (400, 404 or 422), the model pauses
 * and the documents that were failed for it are taken back, so that a typo in a parameter fails no document.
 */
export class ModelCheck {
  readonly #trials = new Map<string, Trial>();

  /** What an attempt's outcome comes to in the light of those before it. */
  check(model: string, outcome: AttemptOutcome): CheckedOutcome {
    const trial = this.#trial(model);
    const { verdict, record } = outcome;
    const refused = verdict.kind === 'fail' && verdict.suspect;
    const alike = trial.status === null || trial.status === record.status;
    if (trial.end === 'refused' && refused && alike) return asPause(model, outcome, []);
    if (trial.end === 'proven' || verdict.kind === 'retry' || verdict.kind === 'pause') return asItIs(model, outcome);
    if (!refused || !alike) {
      this.#end(trial, 'proven');
      return asItIs(model, outcome);
    }
    trial.status = record.status;
    trial.refusals += 1;
    return trial.refusals < REFUSALS_ALIKE
      ? asItIs(model, outcome)
      : asPause(model, outcome, this.#end(trial, 'refused'));
  }

  /**
   * A document's refusal was filed as its failure. True where it turned out meanwhile to be the configuration's fault:
   * then the failure is to be taken back.
   */
  filed(model: string, document: DocumentRef): boolean {
    const trial = this.#trial(model);
    if (trial.end === null) trial.failed.push(document);
    return trial.end === 'refused';
  }

  #trial(model: string): Trial {
    let trial = this.#trials.get(model);
    if (trial === undefined) {
      trial = { status: null, refusals: 0, failed: [], end: null };
      this.#trials.set(model, trial);
    }
    return trial;
  }

  #end(trial: Trial, end: 'proven' | 'refused'): readonly DocumentRef[] {
    const { failed } = trial;
    Object.assign(trial, { end, failed: [] });
    return failed;
  }
}

function asItIs(model: string, outcome: AttemptOutcome): CheckedOutcome {
  return { model, outcome, reopen: [] };
}

function asPause(model: string, outcome: AttemptOutcome, reopen: readonly DocumentRef[]): CheckedOutcome {
  const record = { ...outcome.record, verdict: 'pause' as const, counts: false };
  return { model, outcome: { ...outcome, record, verdict: { kind: 'pause', scope: 'model' } }, reopen };
}
