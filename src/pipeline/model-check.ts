import type { AttemptOutcome, AttemptRecord } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';

/** The same refusal of this many first attempts is a mistake of configuration, not of documents. */
const REFUSALS_ALIKE = 5;

/** What the first attempts of a model came to. */
interface FirstAttempts {
  status: number | null;
  refusals: number;
  /** Documents whose failure was filed before `end`. */
  failed: DocumentRef[];
  end: 'proven' | 'refused' | null;
  /** By the wall clock. */
  endedAtMs: number;
}

export interface CheckedOutcome {
  readonly model: string;
  readonly outcome: AttemptOutcome;
  /** Documents that were failed for what turned out to be a mistake of configuration. */
  readonly reopen: readonly DocumentRef[];
}

/**
 * Watches the first attempts of each model: when five in a row are refused alike (400, 404 or 422), or are cut prompts, the model pauses
 * and the documents that were failed for it are taken back, so that a typo in a parameter fails no document.
 */
export class ModelCheck {
  readonly #first = new Map<string, FirstAttempts>();

  /** What an attempt's outcome means, given those before it. */
  check(model: string, outcome: AttemptOutcome): CheckedOutcome {
    const first = this.#firstOf(model);
    const { verdict, record } = outcome;
    const refused = verdict.kind === 'fail' && verdict.suspect;
    const alike = first.status === null || first.status === record.status;
    if (first.end === 'refused' && refused && alike) {
      if (isFree(record) || wasInFlight(record, first.endedAtMs)) return asPause(model, outcome, []);
      // Each look at whether the cause is gone would cost a call, for ever: from now on documents fail.
      first.end = 'proven';
    }
    if (first.end === 'proven' || verdict.kind === 'retry' || verdict.kind === 'pause') return asItIs(model, outcome);
    if (!refused || !alike) {
      this.#end(first, 'proven');
      return asItIs(model, outcome);
    }
    first.status = record.status;
    first.refusals += 1;
    return first.refusals < REFUSALS_ALIKE
      ? asItIs(model, outcome)
      : asPause(model, outcome, this.#end(first, 'refused', endOf(record)));
  }

  /**
   * A document's refusal was filed as its failure. True if it turned out meanwhile to be the configuration's fault: then
   * the caller takes the failure back.
   */
  filed(model: string, document: DocumentRef): boolean {
    const first = this.#firstOf(model);
    if (first.end === null) first.failed.push(document);
    return first.end === 'refused';
  }

  #firstOf(model: string): FirstAttempts {
    let first = this.#first.get(model);
    if (first === undefined) {
      first = { status: null, refusals: 0, failed: [], end: null, endedAtMs: 0 };
      this.#first.set(model, first);
    }
    return first;
  }

  #end(first: FirstAttempts, end: 'proven' | 'refused', endedAtMs = 0): readonly DocumentRef[] {
    const { failed } = first;
    Object.assign(first, { end, endedAtMs, failed: [] });
    return failed;
  }
}

function isFree({ billing, costUsd }: AttemptRecord): boolean {
  return billing === 'none' || costUsd === 0;
}

/** Whether a call had begun when the first attempts of its model were over. */
function wasInFlight({ startedAt }: AttemptRecord, endedAtMs: number): boolean {
  return Date.parse(startedAt) <= endedAtMs;
}

function endOf({ startedAt, seconds }: AttemptRecord): number {
  return Date.parse(startedAt) + seconds * 1000;
}

function asItIs(model: string, outcome: AttemptOutcome): CheckedOutcome {
  return { model, outcome, reopen: [] };
}

function asPause(model: string, outcome: AttemptOutcome, reopen: readonly DocumentRef[]): CheckedOutcome {
  const record = { ...outcome.record, verdict: 'pause' as const, counts: false };
  return { model, outcome: { ...outcome, record, verdict: { kind: 'pause', scope: 'model' } }, reopen };
}
