import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { PipelineEvent } from '../domain/events.ts';

/** A document to be answered, with the attempts that were made for this version of it. */
export interface Work {
  readonly document: DocumentRef;
  readonly history: readonly AttemptRecord[];
  /** Attempts that count towards `--retries`. */
  readonly counted: number;
  /** Attempts that say nothing of the document: hinted waits, too many calls at once. */
  readonly uncounted: number;
  /** Monotonic milliseconds when its first call was let in; null before. */
  readonly startedAt: number | null;
  /** What the inbox held is asked even though an answer may exist (`--redo all`). */
  readonly redo: boolean;
}

/** One thing that happened to a document, and whether it has to be worked on again. */
export interface Step {
  readonly event: PipelineEvent;
  readonly next?: { readonly item: Work; readonly afterMs: number };
}

/** Shared, for there may be 100,000 of them. */
const NO_HISTORY: readonly AttemptRecord[] = [];

export function newWork(document: DocumentRef, redo: boolean): Work {
  return { document, history: NO_HISTORY, counted: 0, uncounted: 0, startedAt: null, redo };
}

export function inLine({ document }: Work): Step {
  return { event: { type: 'document-queued', id: document.id } };
}

/** The document leaves the stream unanswered. */
export function pending({ document }: Work, reason: string, dueAt: number | null = null): Step {
  return { event: { type: 'document-pending', id: document.id, reason, dueAt } };
}

/** A mistake of the program itself, kept to the document in whose flight it showed. */
export function unexpected({ document }: Work, reason: string): Step {
  const event = { type: 'document-failed', id: document.id, code: 'unexpected', reason, report: null } as const;
  return { event: { ...event, earlier: false } };
}
