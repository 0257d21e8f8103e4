import { catchError, EMPTY, map, type Observable, of } from 'rxjs';
import { errorMessage } from '../domain/errors.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { AskPorts, AskSettings } from '../pipeline/context.ts';
import type { Question } from '../pipeline/look-up.ts';
import type { Step } from '../pipeline/work-item.ts';
import { note } from './note.ts';

/** What becomes of an input that is done with: as its recipe says, else as the run does. */
export function afterwards({ after }: Pick<AskSettings, 'after'>, { handling }: Recipe): AskSettings['after'] {
  return handling.after ?? after;
}

/** Lets the input of a document go that is done with, durably so. Where it cannot go it stays, which harms nothing. */
export function release(
  { inbox }: AskPorts,
  settings: AskSettings,
  { document, sha256, recipe }: Pick<Question, 'document' | 'sha256' | 'recipe'>,
): Observable<Step> {
  const after = afterwards(settings, recipe);
  if (after === 'keep') return EMPTY;
  const { id } = document;
  return inbox.release(document, sha256, after).pipe(
    map((to): Step => ({ event: { type: 'document-departed', id, to } })),
    catchError((error: unknown) => of(note('warn', `${id} stays in the inbox: ${errorMessage(error)}`))),
  );
}
