import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import { costOf } from '../domain/receipt.ts';
import type { Pilot } from '../report/plan.ts';
import { projectTotal } from './project-total.ts';

export interface PilotRun {
  /** Those that were taken up. */
  readonly documents: readonly DocumentRef[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** A document of the pilot, and what was done for it. */
interface Tried {
  readonly size: number;
  readonly answered: boolean;
  readonly attempts: readonly AttemptRecord[];
}

/**
 * What a pilot came to, and what follows from it for the documents that are left.
 *
 * @throws DiskTrouble
 */
export function readPilot(
  reader: LedgerReader,
  { documents, startedAt }: PilotRun,
  rest: { readonly count: number; readonly size: number },
  concurrency: number | 'auto',
): Pilot {
  const tried = documents.map((document) => triedOf(reader, document, startedAt));
  const cost = costOf(tried.flatMap(({ attempts }) => attempts));
  const succeeded = tried.filter(({ answered }) => answered).length;
  const project = (valueOf: (attempt: AttemptRecord) => number | null) =>
    projectTotal(
      tried.map(({ size, attempts }) => ({ size, value: sum(attempts.map(valueOf)) })),
      rest,
    );
  return {
    documents: tried.length,
    succeeded,
    unanswered: tried.length - succeeded,
    attempts: sum(tried.map(({ attempts }) => attempts.length)),
    ...cost,
    estimate: {
      costUsd: cost.costUsd === null ? null : project(({ costUsd }) => costUsd),
      promptTokens: project(({ promptTokens }) => promptTokens),
      completionTokens: project(({ completionTokens }) => completionTokens),
      seconds: concurrency === 'auto' ? null : project(({ seconds }) => seconds / concurrency),
    },
  };
}

/** Attempts of runs before count for nothing; nor does a call of which nothing was written. */
function triedOf(reader: LedgerReader, { id, size }: DocumentRef, startedAt: string): Tried {
  const current = reader.history(id).find((version) => version.current);
  const attempts = current?.attempts.flatMap(({ record }) => (record === null ? [] : [record])) ?? [];
  return {
    size,
    answered: current?.state === 'done',
    attempts: attempts.filter((attempt) => attempt.startedAt >= startedAt),
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
