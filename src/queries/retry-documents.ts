import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { catchError, EMPTY, from, lastValueFrom, mergeMap, type Observable, throwError } from 'rxjs';
import { findDocument } from '../cli/inspect/find-document.ts';
import { memoryOf, nothingRecorded, readLedgerOf, requireWorkspace } from '../cli/inspect/ledger.ts';
import { PathTrouble } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import { type ReopenedDocument, reopenDocuments } from '../ledger/reopen.ts';
import { createOutbox, type FolderOutbox } from '../outbox/outbox.ts';
import { globMatcher } from './glob-matcher.ts';
import { withoutDot } from './without-dot.ts';

/** Reports that are removed at once. */
const AT_ONCE = 16;

export interface RetrySettings {
  /** Over ids; or, without `*` and `?`, an id or a path to a document's input, result or report; null for all. */
  readonly glob: string | null;
  /** Paths are taken from here. */
  readonly currentFolder: string;
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
  options: Options,
  { glob, currentFolder, code, program }: RetrySettings,
): Promise<readonly ReopenedDocument[]> {
  const { root, outbox, failed } = options;
  requireWorkspace(root);
  const matches = glob === null ? () => true : await matcherOf(glob, options, currentFolder);
  const begun = Date.now();
  const reopened = reopenDocuments(memoryOf(root), { matches, code });
  if (reopened === null) throw nothingRecorded(root);
  if (reopened.length > 0) {
    const files = createOutbox({ results: outbox, failures: failed, program, receipts: false });
    const withdrawn = from(reopened).pipe(mergeMap(({ id }) => withdraw(files, id, begun), AT_ONCE));
    await lastValueFrom(withdrawn, { defaultValue: undefined });
  }
  return reopened;
}

/** A file that is there is meant itself, as `show` would understand it. */
async function matcherOf(glob: string, options: Options, currentFolder: string): Promise<(id: string) => boolean> {
  if (/[*?]/.test(glob) || !existsSync(resolve(currentFolder, glob))) return globMatcher(withoutDot(glob));
  const meant = await readLedgerOf(options.root, (reader) => findDocument(reader, glob, options, currentFolder));
  return (id) => id === meant;
}

/**
 * A process that works beside us may have failed the document anew by now: that report stays. The document is pending
 * all the same where one report cannot be removed.
 */
function withdraw(files: Pick<FolderOutbox, 'withdrawFailure'>, id: string, before: number): Observable<void> {
  return files
    .withdrawFailure(id, before)
    .pipe(catchError((error: unknown) => (error instanceof PathTrouble ? EMPTY : throwError(() => error))));
}
