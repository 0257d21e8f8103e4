import { catchError, EMPTY, map, type Observable, of } from 'rxjs';
import type { DocumentContent } from '../domain/document.ts';
import { errorMessage } from '../domain/errors.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { note } from './note.ts';
import type { Step } from './work.ts';

/** Lets the input of a document go that is done with, durably so. Where it cannot go it stays, which harms nothing. */
export function release(
  { inbox }: AskPorts,
  { after }: AskSettings,
  { document, sha256 }: Pick<DocumentContent, 'document' | 'sha256'>,
): Observable<Step> {
  if (after === 'keep') return EMPTY;
  const { id } = document;
  return inbox.release(document, sha256).pipe(
    map((to): Step => ({ event: { type: 'document-departed', id, to } })),
    catchError((error: unknown) => of(note('warn', `${id} stays in the inbox: ${errorMessage(error)}`))),
  );
}
