import type { GenericAbortSignal } from 'axios';

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
