import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Context, PipelineSettings } from './context.ts';
import type { Question } from './disposition.ts';
import type { Emit } from './work-item.ts';

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
