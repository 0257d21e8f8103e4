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
import type { DocumentRef } from '../domain/document.ts';
import { PathTrouble } from '../domain/errors.ts';
import type { RecipeIdentity } from '../domain/ledger.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { pending, type Step, type Work } from './work-item.ts';

/** The code of a failure for want of a place to file to. */
export const PATH_BARRED = 'path-barred';

/** Why a document fails. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly document: DocumentRef;
  readonly sha256: string | null;
  /** Null where it failed before anything was asked. */
  readonly recipe: RecipeIdentity | null;
  readonly partial: string | null;
}

interface Reported {
  readonly report: string | null;
  readonly reason: string;
}

/**
 * Files the error report of a document that will not be tried again, then remembers it as failed. Where the report's own
 * path is barred, the event alone tells of it.
 */
export function fileFailure(
  { outbox, ledger, disk }: AskPorts,
  { api }: AskSettings,
  work: Work,
  { code, reason, document, sha256, recipe, partial }: Failure,
): Observable<Step> {
  const { id, size, mtimeMs } = document;
  const report = { document: { id, size, mtimeMs, sha256 }, code, reason, attempts: work.attempts };
  return outbox.fileFailure(report, partial).pipe(
    map((path): Reported => ({ report: path, reason })),
    ifBarred((message) => of<Reported>({ report: null, reason: `${reason} (${message})` })),
    concatMap((told) =>
      ledger.settle({ document, sha256, api, recipe, state: 'failed', code, reason }).pipe(map(() => told)),
    ),
    disk.untilWell(),
    map((told): Step => ({ event: { type: 'document-failed', id, code, ...told, earlier: false } })),
    defaultIfEmpty(pending(work, 'it failed, but the disk refused the report')),
  );
}

/** Keeps a document back for a person to decide. */
export function hold(
  { ledger, disk }: AskPorts,
  { api }: AskSettings,
  work: Work,
  { code, reason, document, sha256, recipe }: Omit<Failure, 'partial'>,
): Observable<Step> {
  return ledger.settle({ document, sha256, api, recipe, state: 'held', code, reason }).pipe(
    disk.untilWell(),
    map((): Step => ({ event: { type: 'document-held', id: document.id, code, reason, earlier: false } })),
    defaultIfEmpty(pending(work, `${reason}, but the disk refused to note it`)),
  );
}

/** Takes a failure back: the document is work again at the next scan. */
export function reopenFailure(
  { outbox, ledger, disk }: AskPorts,
  { id }: DocumentRef,
  reason: string,
): Observable<Step> {
  return outbox.withdrawFailure(id).pipe(
    concatMap(() => ledger.reopen(id)),
    disk.untilWell(),
    map((): Step => ({ event: { type: 'document-reopened', id, reason } })),
  );
}

/** What is done instead where a path is barred. */
export function ifBarred<T, U>(instead: (message: string) => Observable<U>): OperatorFunction<T, T | U> {
  return catchError((error: unknown) =>
    error instanceof PathTrouble ? instead(error.message) : throwError(() => error),
  );
}
