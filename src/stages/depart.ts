import { catchError, concatMap, EMPTY, type Observable } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import type { AskPorts, AskSettings } from '../pipeline/context.ts';
import type { Step } from '../pipeline/work-item.ts';
import { release } from './release.ts';

/**
 * Lets the input of a document go that was answered before: by an earlier run, or by this one when it could not leave.
 * It is read first: only the very bytes that were answered may go. Never errors; a later scan brings it again.
 */
export function depart(ports: AskPorts, settings: AskSettings, document: DocumentRef): Observable<Step> {
  const { inbox, ledger, recipes } = ports;
  return inbox.read(document).pipe(
    concatMap((outcome) => {
      if (outcome.kind !== 'read') return EMPTY;
      const { content } = outcome;
      const isAnswered = ledger.version(content.document.id, content.sha256)?.state === 'done';
      return isAnswered ? release(ports, settings, { ...content, recipe: recipes.choose(document) }) : EMPTY;
    }),
    catchError(() => EMPTY),
  );
}
