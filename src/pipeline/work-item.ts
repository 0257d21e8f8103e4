import type { AttemptRecord, Billing } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { DocumentEvent, PipelineEvent } from '../domain/events.ts';
import type { Settlement } from '../domain/ledger.ts';

/** A document to be answered, with the attempts that were made for this version of it. */
export interface WorkItem extends History {
  readonly document: DocumentRef;
  /** The version that the attempts were made for; null before it was read. */
  readonly sha256: string | null;
  /** Monotonic milliseconds when this run first made it ready; null before. */
  readonly startedAt: number | null;
  /** What the inbox held is asked even though an answer may exist (`--redo all`). */
  readonly redo: boolean;
  /** Attempts of earlier runs do not count: a person, or another API, starts it over. */
  readonly startOver: boolean;
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

/** What is to be done beside asking documents. `key`: the same chore is not done twice at a time. */
export type Chore =
  /** A result was found in the outbox: the ledger is to know of it. */
  | { readonly kind: 'record'; readonly key: string; readonly settlement: Settlement }
  /** A document was answered, by an earlier run or by this one, and its input is still there. */
  | { readonly kind: 'release'; readonly key: string; readonly document: DocumentRef }
  /** The disk did not tell how a document stands: calls are paused until it does. The next scan decides then. */
  | { readonly kind: 'look'; readonly key: string; readonly look: () => unknown };

/** Tells what happened. */
export type Emit = (event: PipelineEvent) => void;

/** Shared, for there may be 100,000 of them. */
export const NO_HISTORY: History = { attempts: [], lastNumber: 0, forgiven: 0, lastBilling: null };

export function newWorkItem(document: DocumentRef, { redo = false, startOver = false } = {}): WorkItem {
  return { document, sha256: null, ...NO_HISTORY, startedAt: null, redo, startOver, parsed: null };
}

/** Attempts for the request at hand: those since the last reply that was kept. */
export function sinceLastReply(attempts: readonly AttemptRecord[]): readonly AttemptRecord[] {
  return attempts.slice(attempts.findLastIndex(({ verdict }) => verdict === 'answer') + 1);
}

export function queuedEvent({ document }: Pick<WorkItem, 'document'>): DocumentEvent {
  return { type: 'document-queued', id: document.id };
}

/** The document leaves the stream unanswered. */
export function pendingEvent(
  { document }: { readonly document: Pick<DocumentRef, 'id'> },
  reason: string,
  dueAt: number | null = null,
): DocumentEvent {
  return { type: 'document-pending', id: document.id, reason, dueAt };
}

export const RUN_ENDED = 'the run ended before it could be sent';
