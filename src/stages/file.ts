import {
  concatMap,
  defaultIfEmpty,
  type MonoTypeOperatorFunction,
  map,
  type Observable,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent, DocumentRef } from '../domain/document.ts';
import { DiskTrouble } from '../domain/errors.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { pending, type Step, type Work } from './work.ts';

/** While the disk refuses, what is to be filed is tried again this often (ms). */
const LOOK_AGAIN_MS = 1000;

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
  { outbox, ledger, gate }: AskPorts,
  { api, clock }: AskSettings,
  work: Work,
  { document: { id, size, mtimeMs }, sha256 }: DocumentContent,
  record: AttemptRecord,
  text: string,
): Observable<Step> {
  return outbox.fileResult(id, text).pipe(
    concatMap((result) => ledger.record(id, { state: 'done', size, mtimeMs, sha256, api }).pipe(map(() => result))),
    untilTheDiskIsWell(gate, clock),
    map(
      (result): Step => ({
        event: {
          type: 'document-succeeded',
          id,
          result,
          attempts: work.history.length,
          model: record.model,
          costUsd: costOf(work.history),
          seconds: (clock.now() - (work.startedAt ?? clock.now())) / 1000,
        },
      }),
    ),
    defaultIfEmpty(pending(work, 'it was answered, but the disk refused the result: its next answer costs again')),
  );
}

/** Files the error report of a document that will not be tried again, then remembers it as failed. */
export function fileFailure(
  { outbox, ledger, gate }: AskPorts,
  { api, clock }: AskSettings,
  work: Work,
  { code, reason, document: { id, size, mtimeMs }, sha256, partial }: Failure,
): Observable<Step> {
  const report = { document: { id, size, mtimeMs, sha256 }, code, reason, attempts: work.history };
  return outbox.fileFailure(report, partial).pipe(
    concatMap((path) => ledger.record(id, { state: 'failed', size, mtimeMs, sha256, api }).pipe(map(() => path))),
    untilTheDiskIsWell(gate, clock),
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
  { outbox, ledger, gate }: AskPorts,
  { clock }: AskSettings,
  { id }: DocumentRef,
  reason: string,
): Observable<Step> {
  return outbox.withdrawFailure(id).pipe(
    concatMap(() => ledger.forget(id)),
    untilTheDiskIsWell(gate, clock),
    map((): Step => ({ event: { type: 'document-reopened', id, reason } })),
  );
}

/** Pauses every call while the disk refuses, and tries again until it does not; completes empty when the run is cut off. */
function untilTheDiskIsWell<T>(gate: Gate, clock: Clock): MonoTypeOperatorFunction<T> {
  return (work) =>
    work.pipe(
      retry({
        delay: (error: unknown) => {
          if (!(error instanceof DiskTrouble)) return throwError(() => error);
          gate.pause('disk', error.message);
          return timer(LOOK_AGAIN_MS, clock.scheduler).pipe(takeUntil(gate.cutting));
        },
      }),
      tap(() => gate.resume('disk')),
    );
}

/** What the attempts cost together, as far as it is known; null where nothing is. */
function costOf(history: readonly AttemptRecord[]): number | null {
  const known = history.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0);
}
