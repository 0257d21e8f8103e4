import { dematerialize, materialize, mergeMap, type Observable } from 'rxjs';

/**
 * Subscribes to `work` when `permit` emits, and keeps the permit's subscription until `work` has ended: its teardown
 * is what gives the permit back. Completes empty when `permit` completes without emitting.
 */
export function holdWhile<T>(permit: Observable<void>, work: () => Observable<T>): Observable<T> {
  return permit.pipe(
    mergeMap(() => work().pipe(materialize())),
    dematerialize(),
  );
}
