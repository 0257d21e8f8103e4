import { concatMap, defaultIfEmpty, map, type Observable } from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent, DocumentRef } from '../domain/document.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { pending, type Step, type Work } from './work.ts';

/** Why a document fails. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly document: DocumentRef;
  readonly sha256: string | null;
  readonly partial: string | null;
}

/** Files an answer, then remembers the document as done. While the disk refuses, the answer is kept and nothing is sent. */
export function fileAnswer(
  { outbox, ledger, disk }: AskPorts,
  { api, clock }: AskSettings,
  work: Work,
  { document: { id, size, mtimeMs }, sha256 }: DocumentContent,
  record: AttemptRecord,
  text: string,
): Observable<Step> {
  return outbox.fileResult(id, text).pipe(
    concatMap((result) => ledger.record(id, { state: 'done', size, mtimeMs, sha256, api }).pipe(map(() => result))),
    disk.untilWell(),
    map(
      (result): Step => ({
        event: {
          type: 'document-succeeded',
          id,
          result,
          attempts: work.history.length,
          model: record.model,
          costUsd: costOf(work.history),
          seconds: Math.round(clock.now() - (work.startedAt ?? clock.now())) / 1000,
        },
      }),
    ),
    defaultIfEmpty(pending(work, 'it was answered, but the disk refused the result: its next answer costs again')),
  );
}

/** Files the error report of a document that will not be tried again, then remembers it as failed. */
export function fileFailure(
  { outbox, ledger, disk }: AskPorts,
  { api }: AskSettings,
  work: Work,
  { code, reason, document: { id, size, mtimeMs }, sha256, partial }: Failure,
): Observable<Step> {
  const report = { document: { id, size, mtimeMs, sha256 }, code, reason, attempts: work.history };
  return outbox.fileFailure(report, partial).pipe(
    concatMap((path) => ledger.record(id, { state: 'failed', size, mtimeMs, sha256, api }).pipe(map(() => path))),
    disk.untilWell(),
    map(
      (path): Step => ({
        event: { type: 'document-failed', id, code, reason, report: path, earlier: false },
      }),
    ),
    defaultIfEmpty(pending(work, 'it failed, but the disk refused the report')),
  );
}

/** Takes a failure back: the document is work again at the next scan. */
export function reopenFailure(
  { outbox, ledger, disk }: AskPorts,
  { id }: DocumentRef,
  reason: string,
): Observable<Step> {
  return outbox.withdrawFailure(id).pipe(
    concatMap(() => ledger.forget(id)),
    disk.untilWell(),
    map((): Step => ({ event: { type: 'document-reopened', id, reason } })),
  );
}

/** What the attempts cost together, as far as it is known; null where nothing is. */
function costOf(history: readonly AttemptRecord[]): number | null {
  const known = history.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}
