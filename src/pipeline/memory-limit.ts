import { finalize, mergeMap, Observable, takeUntil } from 'rxjs';

/** Documents up to this many bytes need no share: as many as hold a seat take little. */
const SMALL = 256 * 1024;

/**
 * Bytes of documents that are read and not yet sent, at most. With what is made of them (base64, the body) they take
 * about four times as much.
 */
const MOST = 64 * 1024 * 1024;

/** A document's share of the memory for what is read and not yet sent. */
export interface BulkShare {
  /** What was read is no longer needed. Harmless when said again. */
  giveBack(): void;
}

const NOTHING: BulkShare = { giveBack: () => undefined };

interface Waiter {
  readonly size: number;
  readonly start: () => void;
}

/** Keeps memory bounded, however many large documents are on their way: those that are sent already take none. */
export class Bulk {
  readonly #waiting = new Set<Waiter>();
  #held = 0;

  /** Subscribes to `work` when there is room for so many bytes. Completes empty where `end` comes before. */
  hold<T>(size: number, end: Observable<unknown>, work: (share: BulkShare) => Observable<T>): Observable<T> {
    if (size <= SMALL) return work(NOTHING);
    return this.#room(size).pipe(
      takeUntil(end),
      mergeMap((share) => work(share).pipe(finalize(() => share.giveBack()))),
    );
  }

  /** Emits once, when there is room. */
  #room(size: number): Observable<BulkShare> {
    return new Observable((subscriber) => {
      const start = (): void => {
        subscriber.next(this.#take(size));
        subscriber.complete();
      };
      const waiter = { size, start };
      this.#waiting.add(waiter);
      this.#startWaiting();
      return () => this.#waiting.delete(waiter);
    });
  }

  #take(size: number): BulkShare {
    let held = true;
    this.#held += size;
    const giveBack = (): void => {
      if (!held) return;
      held = false;
      this.#held -= size;
      this.#startWaiting();
    };
    return { giveBack };
  }

  /** In the order in which they came. One that is larger than all the room has it to itself. */
  #startWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#held > 0 && this.#held + waiter.size > MOST) return;
      this.#waiting.delete(waiter);
      waiter.start();
    }
  }
}
