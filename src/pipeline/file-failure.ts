import type { DocumentRef } from '../domain/document.ts';
import { PathError } from '../domain/errors.ts';
import type { Context } from './context.ts';
import type { Disposition, Failure } from './disposition.ts';
import { type Emit, pendingEvent, type WorkItem } from './work-item.ts';

/** The code of a failure because nothing can be filed at the document's path. */
export const PATH_BARRED = 'path-barred';

/** Files the failure; takes it back if the model turned out meanwhile to refuse every document. */
export async function fail(
  context: Context,
  { work, failure, suspect }: Extract<Disposition, { kind: 'fail' }>,
  emit: Emit,
): Promise<void> {
  const isFiled = await fileFailure(context, work, failure, emit);
  if (!isFiled || suspect === undefined) return;
  const { document } = work;
  if (context.modelCheck.filed(suspect.model, document))
    await reopenFailure(context, document, suspect.outcome.record.message, emit);
}

/**
 * Files the error report of a document that will not be tried again, then records it as failed. If the report's own path is
 * barred, there is only the event. Resolves to false if the run was cut off while the disk refused it.
 */
export async function fileFailure(context: Context, work: WorkItem, failure: Failure, emit: Emit): Promise<boolean> {
  const { outbox, ledger, disk, settings } = context;
  const { code, reason, document, sha256, recipe, partial } = failure;
  const { id, size, mtimeMs } = document;
  const report = { document: { id, size, mtimeMs, sha256 }, code, reason, attempts: work.attempts };
  const filed = await disk.untilOkOrStopped(async () => {
    const path = await outbox.fileFailure(report, partial).catch((error: unknown) => {
      if (error instanceof PathError) return error;
      throw error;
    });
    await ledger.settle({ document, sha256, api: settings.api, recipe, state: 'failed', code, reason });
    return path instanceof PathError
      ? { report: null, reason: `${reason} (${path.message})` }
      : { report: path, reason };
  });
  const isFiled = filed !== 'stopped';
  if (isFiled) emit({ type: 'document-failed', id, code, ...filed, earlier: false });
  else emit(pendingEvent(work, 'it failed, but the disk refused the report'));
  return isFiled;
}

/** Keeps a document back for a person to decide. */
export async function hold(
  { ledger, disk, settings }: Context,
  { work, failure }: Extract<Disposition, { kind: 'hold' }>,
  emit: Emit,
): Promise<void> {
  const { code, reason, document, sha256, recipe } = failure;
  const settlement = { document, sha256, api: settings.api, recipe, state: 'held', code, reason } as const;
  const noted = await disk.untilOkOrStopped(() => ledger.settle(settlement));
  if (noted === 'stopped') emit(pendingEvent(work, `${reason}, but the disk refused to note it`));
  else emit({ type: 'document-held', id: document.id, code, reason, earlier: false });
}

/** Takes a failure back: the document is work again at the next scan. If the run is cut off before, the failure stands. */
export async function reopenFailure(
  { outbox, ledger, disk }: Context,
  { id }: DocumentRef,
  reason: string,
  emit: Emit,
): Promise<void> {
  const reopened = await disk.untilOkOrStopped(async () => {
    await outbox.withdrawFailure(id);
    await ledger.reopen(id);
  });
  if (reopened !== 'stopped') emit({ type: 'document-reopened', id, reason });
}
