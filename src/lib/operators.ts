import {
  catchError,
  concat,
  defer,
  dematerialize,
  EMPTY,
  ignoreElements,
  type MonoTypeOperatorFunction,
  map,
  materialize,
  merge,
  type Observable,
  tap,
} from 'rxjs';

/** What follows where the source completes without a value. */
export function orElse<T>(instead: () => Observable<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      let empty = true;
      const watched = source.pipe(
        tap(() => {
          empty = false;
        }),
      );
      return concat(
        watched,
        defer(() => (empty ? instead() : EMPTY)),
      );
    });
}

/** Lets a companion's values pass as long as the source runs: the source's end is the end, the companion's is not. */
export function accompaniedBy<T>(companion: Observable<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    merge(companion.pipe(map((value) => ({ kind: 'N' as const, value }))), source.pipe(materialize())).pipe(
      dematerialize(),
    );
}

/** Does it, and tells nothing of it: neither what it emits nor that it failed. */
export function quietly(work: Observable<unknown>): Observable<never> {
  return work.pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}

export function isPresent<T>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null;
}
