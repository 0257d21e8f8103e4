import { concat, defer, EMPTY, type MonoTypeOperatorFunction, type Observable, tap } from 'rxjs';

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
