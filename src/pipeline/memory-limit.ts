import { StoppedError } from '../domain/errors.ts';
import type { Signal } from '../lib/signal.ts';

/** Documents up to this many bytes need no lease: all that hold a slot take little. */
const SMALL = 256 * 1024;

/**
 * Bytes of documents that are read and not yet sent, at most. With what is made of them (base64, the body) they take
 * about four times as much.
 */
const MOST = 64 * 1024 * 1024;

/** A document's share of the memory for what is read and not yet sent. */
export interface MemoryLease {
  /** What was read is no longer needed. Harmless when said again. */
  release(): void;
}

const NOTHING: MemoryLease = { release: () => undefined };

interface Waiter {
  readonly size: number;
  readonly start: () => void;
}

/** Keeps memory bounded, however many large documents are on their way: those that were sent take none. */
export class MemoryLimit {
  readonly #waiting = new Set<Waiter>();
  #held = 0;

  /**
   * Resolves when there is room for so many bytes.
   *
   * @throws StoppedError when `end` comes first
   */
  lease(size: number, end: Signal): MemoryLease | Promise<MemoryLease> {
    if (size <= SMALL) return NOTHING;
    return new Promise((resolve, reject) => {
      const waiter = {
        size,
        start: () => {
          off();
          resolve(this.#take(size));
        },
      };
      const off = end.on(() => {
        this.#waiting.delete(waiter);
        reject(new StoppedError());
      });
      if (end.happened) return;
      this.#waiting.add(waiter);
      this.#startWaiting();
    });
  }

  #take(size: number): MemoryLease {
    let isHeld = true;
    this.#held += size;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= size;
      this.#startWaiting();
    };
    return { release };
  }

  /** In the order in which they came. One that is larger than the limit waits until it is alone. */
  #startWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#held > 0 && this.#held + waiter.size > MOST) return;
      this.#waiting.delete(waiter);
      waiter.start();
    }
  }
}
