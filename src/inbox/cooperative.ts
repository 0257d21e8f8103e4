import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';

// oxlint-disable no-await-in-loop -- one item, and one turn of the event loop, at a time is what this is for

/** Milliseconds of work before the event loop gets turns. */
const SLICE_MS = 2;
/** A busy event loop gets so many times what a slice took: this work slows it by a seventh at most. */
const OTHERS_SHARE = 6;
/** Milliseconds. A turn that takes less had nothing to do. */
const IDLE_TURN_MS = 0.05;
/** After so many of them in a row, all that is left to do waits for something else. */
const IDLE_TURNS = 5;

/**
 * Emits what a synchronous source yields, in slices of a few milliseconds: at full speed while the event loop has
 * nothing else to do, and else beside it. So a long listing neither delays the calls nor pays for a promise per item.
 *
 * `before` may return something to wait for before the item is emitted and the next one is pulled.
 */
export function cooperatively<T>(
  source: () => Iterable<T>,
  before: (item: T) => Promise<void> | undefined = () => undefined,
): Observable<T> {
  return new Observable((subscriber) => {
    async function pull(): Promise<void> {
      let sliceStart = performance.now();
      for (const item of source()) {
        const waiting = before(item);
        if (waiting !== undefined) await waiting;
        subscriber.next(item);
        const sliceMs = performance.now() - sliceStart;
        if (sliceMs > SLICE_MS) {
          await letOthersWork(OTHERS_SHARE * Math.min(sliceMs, 2 * SLICE_MS));
          sliceStart = performance.now();
        }
        if (subscriber.closed) return;
      }
    }

    pull().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

/** Resolves when other work had so many milliseconds, or had nothing to do. */
async function letOthersWork(ms: number): Promise<void> {
  const start = performance.now();
  let turnStart = start;
  for (let idleTurns = 0; idleTurns < IDLE_TURNS && turnStart - start < ms; ) {
    await setImmediate();
    const now = performance.now();
    idleTurns = now - turnStart < IDLE_TURN_MS ? idleTurns + 1 : 0;
    turnStart = now;
  }
}
