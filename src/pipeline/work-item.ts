import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { DocumentEvent, PipelineEvent } from '../domain/events.ts';
import type { Settlement, VersionRecord } from '../domain/ledger.ts';

/** A document to be answered, with the attempts that were made for this version of it. */
export interface WorkItem extends History {
  readonly document: DocumentRef;
  /** The version that the attempts were made for; null before it was read. */
  readonly sha256: string | null;
  /** Monotonic milliseconds when this run first prepared a request of it; null before. */
  readonly startedAt: number | null;
  /** What the inbox held is asked even though an answer may exist (`--redo all`). */
  readonly redo: boolean;
  /** Attempts of earlier runs do not count: a person, or another API, starts it over. */
  readonly startOver: boolean;
  /** What the API parsed out of its files before a call failed; null if it gave nothing. */
  readonly parsed: readonly unknown[] | null;
}

/** Attempts of a document version, over all runs. */
export interface History extends Pick<VersionRecord, 'attempts' | 'lastNumber' | 'lastBilling'> {
  /** Attempts up to this number no longer count. */
  readonly forgiven: number;
}

/** Work beside asking documents. `key`: the same chore is not done twice at a time. */
export type Chore =
  /** A result was found in the outbox: the ledger is to know of it. */
  | { readonly kind: 'record'; readonly key: string; readonly settlement: Settlement }
  /** The records of these documents lack a part of the states of their files. */
  | { readonly kind: 'complete'; readonly key: string; readonly documents: readonly DocumentRef[] }
  /** A document was answered, by an earlier run or by this one, and its input is still there. */
  | { readonly kind: 'release'; readonly key: string; readonly document: DocumentRef }
  /** The disk refused to say what is done: calls are paused until it answers. The next scan decides then. */
  | { readonly kind: 'look'; readonly key: string; readonly look: () => unknown };

/** Reports what happened. */
export type Emit = (event: PipelineEvent) => void;

/** Shared, as there may be 100,000 work items. */
export const NO_HISTORY: History = { attempts: [], lastNumber: 0, forgiven: 0, lastBilling: null };

export function newWorkItem(document: DocumentRef, { redo = false, startOver = false } = {}): WorkItem {
  return { document, sha256: null, ...NO_HISTORY, startedAt: null, redo, startOver, parsed: null };
}

/** Attempts for the next request: those since the last reply that was kept. */
export function sinceLastReply(attempts: readonly AttemptRecord[]): readonly AttemptRecord[] {
  return attempts.slice(attempts.findLastIndex(({ verdict }) => verdict === 'answer') + 1);
}

export function queuedEvent({ document }: Pick<WorkItem, 'document'>): DocumentEvent {
  return { type: 'document-queued', id: document.id, bytes: document.size };
}

/** The document leaves the stream unanswered. */
export function pendingEvent(
  { document }: { readonly document: Pick<DocumentRef, 'id'> },
  reason: string,
  dueAt: number | null = null,
): DocumentEvent {
  return { type: 'document-pending', id: document.id, reason, dueAt };
}
