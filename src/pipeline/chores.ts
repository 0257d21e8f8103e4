import type { DocumentRef } from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { releaseInput } from './release-input.ts';
import type { Chore, Emit } from './work-item.ts';

/** Never rejects: what could not be done is done with a later scan. */
export async function doChore(context: Context, chore: Chore, emit: Emit): Promise<void> {
  const { ledger, disk, closing } = context;
  try {
    switch (chore.kind) {
      case 'record':
        await disk.untilOk(() => ledger.settle(chore.settlement));
        break;
      case 'complete':
        await disk.untilOk(() => ledger.completeStates(chore.documents));
        break;
      case 'release':
        await readAndRelease(context, chore.document, emit);
        break;
      case 'look':
        await disk.untilOk(chore.look, closing);
    }
  } catch (error) {
    // The next scan reports why a look failed, for each document concerned.
    if (error instanceof StoppedError || chore.kind === 'look') return;
    emit({ type: 'run-noted', level: 'warn', message: `could not ${chore.key}: ${errorMessage(error)}` });
  }
}

/** It is read first: only the very bytes that were answered may go. */
async function readAndRelease(context: Context, document: DocumentRef, emit: Emit): Promise<void> {
  const { inbox, ledger, recipes, memory, closing } = context;
  const lease = await memory.lease(document.size, closing);
  try {
    const outcome = await inbox.read(document);
    if (outcome.kind !== 'read') return;
    const { content } = outcome;
    const version = await ledger.version(content.document.id, content.sha256);
    if (version?.state === 'done') await releaseInput(context, { ...content, recipe: recipes.choose(document) }, emit);
  } finally {
    lease.release();
  }
}
