import type { DocumentRef } from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { releaseInput } from './release-input.ts';
import type { Chore, Emit } from './work-item.ts';

/** Never rejects: what could not be done is done with a later scan. */
export async function doChore(context: Context, chore: Chore, emit: Emit): Promise<void> {
  try {
    await attempt(context, chore, emit);
  } catch (error) {
    // The next scan reports why a look failed, for each document concerned.
    if (error instanceof StoppedError || chore.kind === 'look') return;
    emit({ type: 'run-noted', level: 'warn', message: `could not ${chore.key}: ${errorMessage(error)}` });
  }
}

async function attempt(context: Context, chore: Chore, emit: Emit): Promise<void> {
  const { ledger, disk, closing } = context;
  switch (chore.kind) {
    case 'record':
      await disk.untilOk(() => ledger.settle(chore.settlement));
      return;
    case 'release':
      await release(context, chore.document, emit);
      return;
    case 'look':
      await disk.untilOk(chore.look, closing);
  }
}

/** It is read first: only the very bytes that were answered may go. */
async function release(context: Context, document: DocumentRef, emit: Emit): Promise<void> {
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
