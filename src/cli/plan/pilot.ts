import type { AttemptRecord } from '../../domain/attempt.ts';
import type { DocumentRef } from '../../domain/document.ts';
import type { DocumentState } from '../../domain/ledger.ts';
import type { Price } from '../../domain/ports.ts';
import { costOf, type LedgerReader } from '../../domain/receipt.ts';
import { countEach, type Pilot, type Projection, total } from './plan.ts';

export interface PilotRun {
  /** Those that were taken up. */
  readonly documents: readonly DocumentRef[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly stopped: boolean;
}

/** A document of the pilot, and what was done for it. */
interface PilotDocument {
  /** Null if the ledger does not know it any more. */
  readonly state: DocumentState | null;
  /** Why it failed or is held; else null. */
  readonly code: string | null;
  readonly attempts: readonly PilotAttempt[];
}

/** With the model that was asked, whichever answered. */
type PilotAttempt = AttemptRecord & { readonly asked: string };

export interface PilotSettings {
  /** Calls; null if more than they limits the pace. */
  readonly atOnce: number | null;
  /** Counts if the API does not say what a call cost. */
  readonly priceOf: (model: string) => Price | null;
}

/**
 * What a pilot came to, and what follows from it for the `left` documents that are to be asked.
 *
 * @throws DiskError
 */
export function readPilot(reader: LedgerReader, run: PilotRun, left: number, settings: PilotSettings): Pilot {
  const documents = run.documents.map((document) => readDocument(reader, document, run.startedAt));
  const attempts = documents.flatMap((one) => one.attempts);
  return {
    documents: documents.length,
    succeeded: documents.filter(isAnswered).length,
    failures: Object.fromEntries(countEach(documents.flatMap(({ code }) => code ?? []))),
    stopped: run.stopped,
    attempts: attempts.length,
    ...costOf(attempts),
    estimate: estimateFrom(documents.filter(hasEnded), left, settings),
  };
}

/** Attempts of earlier runs do not count, nor does a call that has not ended. */
function readDocument(reader: LedgerReader, { id }: DocumentRef, startedAt: string): PilotDocument {
  const current = reader.history(id).find((version) => version.current);
  const attempts = current?.attempts ?? [];
  return {
    state: current?.state ?? null,
    code: current?.code ?? null,
    attempts: attempts.flatMap(({ record, model }) =>
      record === null || record.startedAt < startedAt ? [] : [{ ...record, asked: model }],
    ),
  };
}

/** A document that was left half done, or never sent, does not show what a document comes to. */
function hasEnded(one: PilotDocument): boolean {
  return one.attempts.length > 0 && (isAnswered(one) || one.code !== null);
}

function isAnswered({ state }: PilotDocument): boolean {
  return state === 'done';
}

/** Such as a cut answer. */
function isPaidFor({ completionTokens }: AttemptRecord): boolean {
  return completionTokens !== null && completionTokens > 0;
}

function estimateFrom(
  ended: readonly PilotDocument[],
  left: number,
  { atOnce, priceOf }: PilotSettings,
): Pilot['estimate'] {
  const replied = ended.filter((one) => isAnswered(one) || one.attempts.some(isPaidFor));
  if (replied.length === 0) return null;
  const project = (valueOf: (attempts: PilotDocument['attempts']) => number | null): Projection | null => {
    if (replied.every(({ attempts }) => valueOf(attempts) === null)) return null;
    return projectTotal(
      ended.map(({ attempts }) => valueOf(attempts)).filter((value) => value !== null),
      left,
    );
  };
  return {
    costUsd: project(knownSum((attempt) => attempt.costUsd ?? costAt(priceOf(attempt.asked), attempt))),
    promptTokens: project(knownSum(({ promptTokens }) => promptTokens)),
    completionTokens: project(knownSum(({ completionTokens }) => completionTokens)),
    seconds: atOnce === null ? null : project((attempts) => total(attempts, ({ seconds }) => seconds) / atOnce),
  };
}

/** Of all attempts; null if calls were, or may have been, billed and the value of none of them is known. */
function knownSum(valueOf: (attempt: PilotAttempt) => number | null) {
  return (attempts: readonly PilotAttempt[]): number | null => {
    const billed = attempts.filter(({ billing }) => billing !== 'none');
    const known = billed.map(valueOf).filter((value) => value !== null);
    return known.length === 0 && billed.length > 0 ? null : total(known, (value) => value);
  };
}

function costAt(price: Price | null, { promptTokens, completionTokens }: AttemptRecord): number | null {
  if (price === null || promptTokens === null || completionTokens === null) return null;
  return promptTokens * price.prompt + completionTokens * price.completion + price.request;
}

/** A smaller sample does not show how far single documents are from their mean. */
const SMALLEST_SAMPLE = 3;

/**
 * What `count` documents come to in all: the mean of a sample for each. `low` and `high` are two standard errors of the
 * mean away; null from fewer than three documents.
 */
export function projectTotal(sample: readonly number[], count: number): Projection {
  const mean = sample.length === 0 ? 0 : total(sample, (value) => value) / sample.length;
  const likely = count * mean;
  if (count === 0) return { low: 0, likely: 0, high: 0 };
  if (sample.length < SMALLEST_SAMPLE) return { low: null, likely, high: null };
  const variance = total(sample, (value) => (value - mean) ** 2) / (sample.length - 1);
  const error = count * Math.sqrt(variance / sample.length);
  return { low: Math.max(0, likely - 2 * error), likely, high: likely + 2 * error };
}
