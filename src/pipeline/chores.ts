import type { DocumentRef } from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import type { Settlement } from '../domain/ledger.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { releaseInput } from './release-input.ts';
import type { Emit } from './work-item.ts';

/** What is to be done beside asking documents. `key`: the same chore is not done twice at a time. */
export type Chore =
  /** A result was found in the outbox: the ledger is to know of it. */
  | { readonly kind: 'record'; readonly key: string; readonly settlement: Settlement }
  /** A document was answered, by an earlier run or by this one, and its input is still there. */
  | { readonly kind: 'release'; readonly key: string; readonly document: DocumentRef }
  /** The disk refused to say what is done: calls are paused until it does not. The next scan decides then. */
  | { readonly kind: 'look'; readonly key: string; readonly look: () => unknown };

/** Never rejects: what could not be done is done with a later scan. */
export async function doChore(context: Context, chore: Chore, emit: Emit): Promise<void> {
  try {
    await attempt(context, chore, emit);
  } catch (error) {
    // Why a look failed for another reason is reported by the next scan, of each document that it concerns.
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
