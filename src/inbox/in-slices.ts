// oxlint-disable no-await-in-loop -- one item at a time is what this is for
import { setImmediate } from 'node:timers/promises';
import { Observable, type Subscriber } from 'rxjs';

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 5;

/**
 * Emits what a synchronous source yields, giving the event loop a turn every few milliseconds, so that long listings
 * neither delay anything else nor pay for a promise per item.
 *
 * `before` may return something to wait for before the item is emitted and the next one is pulled.
 */
export function inSlices<T>(
  source: () => Iterable<T>,
  before: (item: T) => Promise<void> | undefined = () => undefined,
): Observable<T> {
  return new Observable((subscriber) => {
    pull(source(), before, subscriber).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

async function pull<T>(
  items: Iterable<T>,
  before: (item: T) => Promise<void> | undefined,
  subscriber: Subscriber<T>,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE;
  for (const item of items) {
    const waiting = before(item);
    if (waiting !== undefined) await waiting;
    subscriber.next(item);
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE;
    }
    if (subscriber.closed) return;
  }
}
