import type { AttemptRecord, Billing } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { PipelineEvent } from '../domain/events.ts';
import type { Return } from './work-queue.ts';

/** A document to be answered, with the attempts that were made for this version of it. */
export interface Work extends History {
  readonly document: DocumentRef;
  /** The version that the attempts were made for; null before it was read. */
  readonly sha256: string | null;
  /** Monotonic milliseconds when this run first called for it; null before. */
  readonly startedAt: number | null;
  /** What the inbox held is asked even though an answer may exist (`--redo all`). */
  readonly redo: boolean;
  /** Attempts of earlier runs do not count: a person, or another API, starts it over. */
  readonly afresh: boolean;
  /** What the API parsed out of its files before a call failed; null where it did not tell. */
  readonly parsed: readonly unknown[] | null;
}

/** Attempts of a document version, over all runs. */
export interface History {
  /** Those that count still, oldest first. */
  readonly attempts: readonly AttemptRecord[];
  /** The number of the last attempt, also of those that no longer count. */
  readonly lastNumber: number;
  /** Attempts up to this number no longer count. */
  readonly forgiven: number;
  /** Of the last attempt that was, or may have been, billed; null where none was. */
  readonly lastBilling: Billing | null;
}

/** One thing that happened to a document, and whether it has to be worked on again. */
export interface Step {
  readonly event: PipelineEvent;
  readonly next?: Return<Work>;
}

/** Attempts for the request at hand: those since the last reply that was kept. */
export function sinceLastReply(attempts: readonly AttemptRecord[]): readonly AttemptRecord[] {
  return attempts.slice(attempts.findLastIndex(({ verdict }) => verdict === 'answer') + 1);
}

/** Shared, for there may be 100,000 of them. */
export const NO_HISTORY: History = { attempts: [], lastNumber: 0, forgiven: 0, lastBilling: null };

export function newWork(document: DocumentRef, { redo = false, afresh = false } = {}): Work {
  return { document, sha256: null, ...NO_HISTORY, startedAt: null, redo, afresh, parsed: null };
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

/** Something that a person should know, and that moves no document. */
export function note(level: 'info' | 'warn', message: string): Step {
  return { event: { type: 'run-noted', level, message } };
}
