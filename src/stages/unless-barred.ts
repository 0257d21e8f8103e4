import { catchError, concatMap, defaultIfEmpty, defer, type Observable, of, tap } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { errorMessage } from '../domain/errors.ts';
import type { AskPorts, AskSettings } from '../pipeline/context.ts';
import { fileFailure, PATH_BARRED } from '../pipeline/file-failure.ts';
import { pending, type Step, unexpected, type Work } from '../pipeline/work-item.ts';
import { resultIn } from './own-result.ts';

/**
 * Works a document off where its result has a place to go to, which is kept for it meanwhile; one that has none fails
 * before anything is paid. While the disk as a whole refuses to tell, documents wait, and calls are paused. Never errors.
 */
export function unlessBarred(
  ports: AskPorts,
  settings: AskSettings,
  workOn: (work: Work) => Observable<Step>,
): (work: Work) => Observable<Step> {
  const { disk, gate, outbox } = ports;
  const failed = (work: Work, reason: string): Observable<Step> => {
    const { document } = work;
    const failure = { code: PATH_BARRED, reason, document, sha256: null, recipe: null, partial: null };
    return fileFailure(ports, settings, work, failure);
  };
  return (work) => {
    const leave = (): void => outbox.vacate(work.document.id);
    return defer(() => disk.look(() => obstacleOf(ports, work.document), gate.closing)).pipe(
      concatMap((obstacle) => (obstacle === null ? workOn(work) : failed(work, obstacle))),
      defaultIfEmpty(pending(work, 'the run ended before it could be sent')),
      catchError((error: unknown) => of(unexpected(work, errorMessage(error)))),
      // Not `finalize`, which comes after whoever follows: a newer version of the document may have the place by then.
      tap({ complete: leave, unsubscribe: leave }),
    );
  };
}

/** Also the result of another document, of this run or of one before. */
function obstacleOf(ports: AskPorts, document: DocumentRef): string | null {
  const { id } = document;
  const place = ports.recipes.choose(document).place(document);
  const obstacle = ports.outbox.obstacle(id, place);
  if (obstacle !== null) return obstacle;
  const there = resultIn(ports, id, place);
  return there === null || there.owner === id
    ? null
    : `Its result would be ${there.path}, which is that of ${there.owner}.`;
}
