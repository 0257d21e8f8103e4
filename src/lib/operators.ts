import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/** Merges a companion's values as long as the source runs: it ends with the source, not with the companion. */
export function accompaniedBy<T>(companion: Observable<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const beside = companion.subscribe({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => subscriber.error(error),
      });
      subscriber.add(beside);
      if (!subscriber.closed) subscriber.add(source.subscribe(subscriber));
    });
}

/** What an async function emits, as a stream that ends when it does. It goes on after an unsubscribe, without listeners. */
export function emitting<T>(work: (emit: (value: T) => void) => Promise<void>): Observable<T> {
  return new Observable((subscriber) => {
    work((value) => subscriber.next(value)).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}
