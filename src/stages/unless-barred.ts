import { catchError, concatMap, defaultIfEmpty, defer, type Observable, of } from 'rxjs';
import { errorMessage } from '../domain/errors.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { fileFailure, PATH_BARRED } from './file-failure.ts';
import { pending, type Step, unexpected, type Work } from './work.ts';

/**
 * Works a document off where its result has a place to go to; one that has none fails before anything is paid. While
 * the disk as a whole refuses to tell, documents wait, and calls are paused. Never errors.
 */
export function unlessBarred(
  ports: AskPorts,
  settings: AskSettings,
  workOn: (work: Work) => Observable<Step>,
): (work: Work) => Observable<Step> {
  const { outbox, disk, gate } = ports;
  const failed = (work: Work, reason: string): Observable<Step> => {
    const { document } = work;
    const failure = { code: PATH_BARRED, reason, document, sha256: null, recipe: null, partial: null };
    return fileFailure(ports, settings, work, failure);
  };
  return (work) =>
    defer(() => disk.look(() => outbox.obstacle(work.document.id), gate.closing)).pipe(
      concatMap((obstacle) => (obstacle === null ? workOn(work) : failed(work, obstacle))),
      defaultIfEmpty(pending(work, 'the run ended before it could be sent')),
      catchError((error: unknown) => of(unexpected(work, errorMessage(error)))),
    );
}
