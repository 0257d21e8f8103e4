import { Observable } from 'rxjs';

/** Longer than that, nothing else is kept from going on. */
const TURN_MS = 20;

/** All that is worked out one after the other, with other work of the process in between. Emits once. */
export function atLeisure<T>(items: Iterable<T>): Observable<readonly T[]> {
  return new Observable((subscriber) => {
    const iterator = items[Symbol.iterator]();
    const all: T[] = [];
    let next: NodeJS.Immediate | undefined;
    const work = () => {
      try {
        if (takeSome(iterator, all)) {
          subscriber.next(all);
          subscriber.complete();
        } else next = setImmediate(work);
      } catch (error) {
        subscriber.error(error);
      }
    };
    work();
    return () => clearImmediate(next);
  });
}

/** Whether these were the last. */
function takeSome<T>(iterator: Iterator<T>, all: T[]): boolean {
  const until = performance.now() + TURN_MS;
  while (performance.now() < until) {
    const { done, value } = iterator.next();
    if (done === true) return true;
    all.push(value);
  }
  return false;
}
