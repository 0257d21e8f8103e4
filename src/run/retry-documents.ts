import { catchError, EMPTY, from, lastValueFrom, mergeMap, type Observable, throwError } from 'rxjs';
import { PathTrouble } from '../domain/errors.ts';
import type { Outbox } from '../domain/ports.ts';
import { type ReopenedDocument, reopenDocuments } from '../ledger/reopen-documents.ts';
import type { Options } from '../options/options.ts';
import { createOutbox } from '../outbox/create-outbox.ts';
import { globMatcher } from './glob-matcher.ts';
import { memoryOf, nothingRecorded, requireWorkspace } from './read-ledger-of.ts';

/** Reports that are removed at once. */
const AT_ONCE = 16;

export interface RetrySettings {
  /** Over ids; null for all. */
  readonly glob: string | null;
  /** Our word for the failure; null for any. */
  readonly code: string | null;
  /** Name and version. */
  readonly program: string;
}

/**
 * Takes failed and held documents back into work and removes their reports, also beside a process that works.
 *
 * @throws UsageError, DiskTrouble
 */
export async function retryDocuments(
  { root, outbox, failed }: Options,
  { glob, code, program }: RetrySettings,
): Promise<readonly ReopenedDocument[]> {
  requireWorkspace(root);
  const matches = glob === null ? () => true : globMatcher(glob);
  const reopened = reopenDocuments(memoryOf(root), { matches, code });
  if (reopened === null) throw nothingRecorded(root);
  if (reopened.length > 0) {
    const files = createOutbox({ results: outbox, failures: failed, program, receipts: false });
    const withdrawn = from(reopened).pipe(mergeMap(({ id }) => withdraw(files, id), AT_ONCE));
    await lastValueFrom(withdrawn, { defaultValue: undefined });
  }
  return reopened;
}

/** It is pending all the same where one report cannot be removed. */
function withdraw(files: Pick<Outbox, 'withdrawFailure'>, id: string): Observable<void> {
  return files
    .withdrawFailure(id)
    .pipe(catchError((error: unknown) => (error instanceof PathTrouble ? EMPTY : throwError(() => error))));
}
