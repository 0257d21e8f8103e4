import type { AttemptRecord } from '../../domain/attempt.ts';
import type { DocumentRef } from '../../domain/document.ts';
import { tierOf } from '../../domain/models.ts';
import type { Price } from '../../domain/ports.ts';
import { costOf, type LedgerReader } from '../../domain/receipt.ts';
import { countEach, total } from '../../lib/collections.ts';
import type { Pilot, Projection } from './plan.ts';

export interface PilotRun {
  /** The documents that it was to ask. */
  readonly documents: readonly DocumentRef[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly stopped: boolean;
}

/** A document of the pilot, and what was done for it. */
interface PilotDocument {
  readonly isAnswered: boolean;
  /** Why it failed or is held; else null. */
  readonly code: string | null;
  readonly attempts: readonly PilotAttempt[];
}

/** `asked`: the model that was asked; another one may have answered. */
type PilotAttempt = AttemptRecord & { readonly asked: string };

export interface PilotSettings {
  /** Calls at once; null if other limits set the pace, too. */
  readonly atOnce: number | null;
  /** The price for calls of which the API did not say the cost. */
  readonly priceOf: (model: string) => Price | null;
}

/** What became of a pilot's documents, and an estimate for the `left` ones still to be asked. Throws a DiskError. */
export function readPilot(reader: LedgerReader, run: PilotRun, left: number, settings: PilotSettings): Pilot {
  const documents = run.documents.map((document) => readDocument(reader, document, run.startedAt));
  const attempts = documents.flatMap((one) => one.attempts);
  return {
    documents: documents.length,
    succeeded: documents.filter(({ isAnswered }) => isAnswered).length,
    failures: Object.fromEntries(countEach(documents.flatMap(({ code }) => code ?? []))),
    stopped: run.stopped,
    attempts: attempts.length,
    ...costOf(attempts),
    estimate: estimateFrom(documents, left, settings),
  };
}

/** Attempts of earlier runs do not count, nor does a call that has not ended. */
function readDocument(reader: LedgerReader, { id }: DocumentRef, startedAt: string): PilotDocument {
  const current = reader.history(id).find((version) => version.current);
  const attempts = (current?.attempts ?? []).flatMap(({ record, model }) =>
    record === null || record.startedAt < startedAt ? [] : [{ ...record, asked: model }],
  );
  return { isAnswered: current?.state === 'done', code: current?.code ?? null, attempts };
}

function estimateFrom(
  documents: readonly PilotDocument[],
  left: number,
  { atOnce, priceOf }: PilotSettings,
): Pilot['estimate'] {
  // A document that was not finished, or never sent, does not show what a document takes.
  const ended = documents.filter((one) => one.attempts.length > 0 && (one.isAnswered || one.code !== null));
  // Failed ones count if they were answered, such as those whose answer was cut.
  const replied = ended.filter(
    (one) => one.isAnswered || one.attempts.some(({ completionTokens }) => (completionTokens ?? 0) > 0),
  );
  if (replied.length === 0) return null;
  const project = (valueOf: (attempts: PilotDocument['attempts']) => number | null): Projection | null => {
    if (replied.every(({ attempts }) => valueOf(attempts) === null)) return null;
    const known = ended.map(({ attempts }) => valueOf(attempts)).filter((value) => value !== null);
    return projectTotal(known, left);
  };
  return {
    costUsd: project(knownSum((attempt) => attempt.costUsd ?? costAt(priceOf(attempt.asked), attempt))),
    promptTokens: project(knownSum(({ promptTokens }) => promptTokens)),
    completionTokens: project(knownSum(({ completionTokens }) => completionTokens)),
    seconds: atOnce === null ? null : project((attempts) => total(attempts, ({ seconds }) => seconds) / atOnce),
  };
}

/** The sum over the attempts that were, or may have been, billed; null if there are some and none has a known value. */
function knownSum(valueOf: (attempt: PilotAttempt) => number | null) {
  return (attempts: readonly PilotAttempt[]): number | null => {
    const billed = attempts.filter(({ billing }) => billing !== 'none');
    const known = billed.map(valueOf).filter((value) => value !== null);
    return known.length === 0 && billed.length > 0 ? null : total(known, (value) => value);
  };
}

function costAt(price: Price | null, { promptTokens, completionTokens }: AttemptRecord): number | null {
  if (price === null || promptTokens === null || completionTokens === null) return null;
  const tier = tierOf(price, promptTokens);
  return promptTokens * tier.prompt + completionTokens * tier.completion + price.request;
}

/**
 * The total for `count` documents: the mean of the sample for each. `low` and `high` are two standard errors of the
 * mean away; null if the sample has fewer than three, which do not show how much documents differ.
 */
export function projectTotal(sample: readonly number[], count: number): Projection {
  const mean = sample.length === 0 ? 0 : total(sample, (value) => value) / sample.length;
  const likely = count * mean;
  if (count === 0) return { low: 0, likely: 0, high: 0 };
  if (sample.length < 3) return { low: null, likely, high: null };
  const variance = total(sample, (value) => (value - mean) ** 2) / (sample.length - 1);
  const error = count * Math.sqrt(variance / sample.length);
  return { low: Math.max(0, likely - 2 * error), likely, high: likely + 2 * error };
}
