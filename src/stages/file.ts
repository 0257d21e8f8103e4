import {
  catchError,
  concatMap,
  defaultIfEmpty,
  map,
  type Observable,
  type OperatorFunction,
  of,
  throwError,
} from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent, DocumentRef } from '../domain/document.ts';
import { PathTrouble } from '../domain/errors.ts';
import { orElse } from '../stream/or-else.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { pending, type Step, type Work } from './work.ts';

/** The code of a failure for want of a place to file to. */
export const PATH_BARRED = 'path-barred';

/** Why a document fails. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly document: DocumentRef;
  readonly sha256: string | null;
  readonly partial: string | null;
}

interface Reported {
  readonly report: string | null;
  readonly reason: string;
}

/**
 * Files an answer, then remembers the document as done. While the disk refuses, the answer is kept and nothing is sent.
 * Where only its own path is barred, the document fails, and the answer lies beside the report.
 */
export function fileAnswer(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  { document, sha256 }: DocumentContent,
  record: AttemptRecord,
  text: string,
): Observable<Step> {
  const { outbox, ledger, disk } = ports;
  const { api, clock } = settings;
  const { id, size, mtimeMs } = document;
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
    ifBarred((message) => {
      const reason = `${message} Its answer lies beside this report, in .partial.md; ${inWords(costOf(work.history))}.`;
      return fileFailure(ports, settings, work, { code: PATH_BARRED, reason, document, sha256, partial: text });
    }),
    orElse(() => unfiled(work)),
  );
}

/** The run was cut off while the disk refused an answer: who pays for it again should know. */
function unfiled(work: Work): Observable<Step> {
  const reason = 'it was answered, but the disk refused the result: it is asked, and paid for, again';
  const message = `${work.document.id}: ${reason} (${inWords(costOf(work.history))})`;
  const note: Step = { event: { type: 'run-noted', level: 'warn', message } };
  return of(note, pending(work, reason));
}

/**
 * Files the error report of a document that will not be tried again, then remembers it as failed. Where the report's own
 * path is barred, the event alone tells of it.
 */
export function fileFailure(
  { outbox, ledger, disk }: AskPorts,
  { api }: AskSettings,
  work: Work,
  { code, reason, document: { id, size, mtimeMs }, sha256, partial }: Failure,
): Observable<Step> {
  const report = { document: { id, size, mtimeMs, sha256 }, code, reason, attempts: work.history };
  return outbox.fileFailure(report, partial).pipe(
    map((path): Reported => ({ report: path, reason })),
    ifBarred((message) => of<Reported>({ report: null, reason: `${reason} (${message})` })),
    concatMap((told) => ledger.record(id, { state: 'failed', size, mtimeMs, sha256, api }).pipe(map(() => told))),
    disk.untilWell(),
    map((told): Step => ({ event: { type: 'document-failed', id, code, ...told, earlier: false } })),
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

/** What is done instead where a path is barred. */
function ifBarred<T, U>(instead: (message: string) => Observable<U>): OperatorFunction<T, T | U> {
  return catchError((error: unknown) =>
    error instanceof PathTrouble ? instead(error.message) : throwError(() => error),
  );
}

function inWords(costUsd: number | null): string {
  return costUsd === null ? 'what it cost is not known' : `it cost ${Number(costUsd.toPrecision(6))} USD`;
}

/** What the attempts cost together, as far as it is known; null where nothing is. */
function costOf(history: readonly AttemptRecord[]): number | null {
  const known = history.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}
