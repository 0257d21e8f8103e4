import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/** Lets a companion's values pass as long as the source runs: the source's end is the end, the companion's is not. */
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

/** What an async function emits, as a stream that ends when it does. Unsubscribing does not stop it: it is no longer heard. */
export function emitting<T>(work: (emit: (value: T) => void) => Promise<void>): Observable<T> {
  return new Observable((subscriber) => {
    work((value) => subscriber.next(value)).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}
