import { catchError, EMPTY, ignoreElements, type Observable } from 'rxjs';

/** Does it, and tells nothing of it: neither what it emits nor that it failed. */
export function quietly(work: Observable<unknown>): Observable<never> {
  return work.pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}
