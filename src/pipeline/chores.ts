import type { DocumentRef } from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Context, PipelineSettings } from './context.ts';
import type { Question } from './disposition.ts';
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

/** What becomes of the input of an answered document: as its recipe says, else as the run does. */
export function afterSuccess(
  { after }: Pick<PipelineSettings, 'after'>,
  { handling }: Recipe,
): PipelineSettings['after'] {
  return handling.after ?? after;
}

/** Takes the input of an answered document out of the inbox. If it cannot go it stays, which harms nothing. */
export async function releaseInput(
  { inbox, settings }: Pick<Context, 'inbox' | 'settings'>,
  { document, sha256, recipe }: Pick<Question, 'document' | 'sha256' | 'recipe'>,
  emit: Emit,
): Promise<void> {
  const after = afterSuccess(settings, recipe);
  if (after === 'keep') return;
  const { id } = document;
  try {
    const released = await inbox.release(document, sha256, after);
    if (released !== null) emit({ type: 'document-departed', id, to: released.to });
  } catch (error) {
    emit({ type: 'run-noted', level: 'warn', message: `${id} stays in the inbox: ${errorMessage(error)}` });
  }
}
