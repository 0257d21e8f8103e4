import type { GenericAbortSignal } from 'axios';

/** Timers overflow to 1 ms beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits of one length, kept by one timer however many they are: they end in the order in which they began. */
export class EqualWaits {
  readonly #length: number;
  /** Monotonic milliseconds at which each is over, the first one first. */
  readonly #ends = new Map<() => void, number>();
  #timer: NodeJS.Timeout | undefined;

  /** A length beyond 24.8 days is cut to that. */
  constructor(seconds: number) {
    this.#length = Math.min(seconds * 1000, LONGEST_TIMER_MS);
  }

  /** Calls `onEnd` once, when the time is over. Where it waits already, its time begins anew. */
  start(onEnd: () => void): void {
    this.#ends.delete(onEnd);
    this.#ends.set(onEnd, performance.now() + this.#length);
    this.#timer ??= setTimeout(() => this.#endDue(), this.#length);
  }

  /** Ends a wait without a call. */
  stop(onEnd: () => void): void {
    this.#ends.delete(onEnd);
    if (this.#ends.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #endDue(): void {
    this.#timer = undefined;
    for (const [onEnd, end] of this.#ends) {
      const left = end - performance.now();
      if (left > 0) {
        this.#timer ??= setTimeout(() => this.#endDue(), left);
        return;
      }
      this.#ends.delete(onEnd);
      onEnd();
    }
  }
}

/** Cancels one call. In place of an `AbortController`, which costs as much as the request that it would cancel. */
export class Cancellation implements GenericAbortSignal {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    this.#aborted = true;
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      listener();
    }
  }

  /** Calls once: there is no event but `abort`. */
  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
