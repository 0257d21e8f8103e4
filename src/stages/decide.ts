import type { DocumentRef } from '../domain/document.ts';
import { DiskTrouble, errorMessage } from '../domain/errors.ts';
import type { DocumentEvent, InboxEvent, PipelineEvent } from '../domain/events.ts';
import type { DocumentRecord, Ledger, Outbox } from '../domain/ports.ts';
import { newWork, type Work } from './work.ts';

export interface DecideSettings {
  readonly redo: 'never' | 'changed' | 'all';
  /** What results must have been made through to count. */
  readonly api: string;
  /** False where an earlier look of this process told of all documents already (after a change of configuration). */
  readonly firstLook: boolean;
}

/** What a look at the inbox comes to: work, or something to tell, or neither. */
export interface Decision {
  readonly work?: Work;
  readonly event?: PipelineEvent;
  /** The look that the disk refused, to be repeated until it is well: the next scan decides then. */
  readonly untold?: () => unknown;
}

const nothing: Decision = {};

/**
 * Decides by stat alone, against the ledger and the outbox, whether a document is work. Runs for every file of every
 * scan, so it reads nothing and, after the first scan, tells nothing of documents that are done.
 */
export function decide(ledger: Ledger, outbox: Outbox, settings: DecideSettings): (event: InboxEvent) => Decision {
  /** Documents that a hint showed before the first scan came by them: to that scan they are nothing new. */
  const hinted = new Set<string>();
  let firstLook = settings.firstLook;
  return (event) => {
    if (event.type === 'document-unsettled') {
      const reason = 'it is still being written';
      return { event: { type: 'document-pending', id: event.id, reason, dueAt: null } };
    }
    if (event.type === 'scan-finished' && event.initial) {
      firstLook = false;
      hinted.clear();
    }
    if (event.type !== 'document-seen') return { event };
    const { document } = event;
    if (firstLook && !event.initial) hinted.add(document.id);
    const initial = event.initial && settings.firstLook && !hinted.has(document.id);
    const redo = settings.redo === 'all' && initial;
    const look = () => standing(document, ledger.recall(document.id), outbox, settings);
    try {
      const known = redo ? null : look();
      if (known === null) return { work: newWork(document, redo) };
      return initial ? { event: known } : nothing;
    } catch (error) {
      // The disk does not tell whether it is done: paying for it again on the guess that it is not would be wrong.
      const pending = { type: 'document-pending', id: document.id, reason: errorMessage(error), dueAt: null } as const;
      if (!(error instanceof DiskTrouble)) return { event: pending };
      // Told of every document in the first look alone: what is done stays so, and the pause is told anyway.
      return initial ? { event: pending, untold: look } : { untold: look };
    }
  };
}

/** The event that tells why a document is no work; null where it is. */
function standing(
  document: DocumentRef,
  record: DocumentRecord | undefined,
  outbox: Outbox,
  settings: DecideSettings,
): DocumentEvent | null {
  if (record === undefined) return standingByFolders(document, outbox, settings);
  if (record.state === 'failed')
    return sameStat(document, record) && outbox.failedVersion(document.id) !== null ? failedEarlier(document) : null;

  if (record.api !== settings.api || outbox.resultTime(document.id) === null) return null;
  if (sameStat(document, record)) return skipped(document, 'done');
  return settings.redo === 'never' ? skipped(document, 'changed since it was done (--redo never)') : null;
}

/** Without a record, what lies in the folders counts; the mtimes tell whether a document changed since. */
function standingByFolders(document: DocumentRef, outbox: Outbox, settings: DecideSettings): DocumentEvent | null {
  const resultTime = outbox.resultTime(document.id);
  if (resultTime !== null) {
    const older = document.mtimeMs <= resultTime;
    if (older || settings.redo === 'never') return skipped(document, 'a result of unknown history lies in the outbox');
  }
  const failed = outbox.failedVersion(document.id);
  return failed !== null && sameStat(document, failed) ? failedEarlier(document) : null;
}

export function sameStat(a: Pick<DocumentRef, 'size' | 'mtimeMs'>, b: Pick<DocumentRef, 'size' | 'mtimeMs'>): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

function skipped({ id }: DocumentRef, reason: string): DocumentEvent {
  return { type: 'document-skipped', id, reason };
}

function failedEarlier({ id }: DocumentRef): DocumentEvent {
  const reason = 'an earlier run failed it; delete its report to try it again';
  return { type: 'document-failed', id, code: 'failed-earlier', reason, report: null, earlier: true };
}
