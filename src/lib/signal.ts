import type { Clock } from './clock.ts';

/**
 * Something that happens once, and what waits for it. An `AbortSignal` in constant time for each listener: thousands of
 * calls listen to the same one.
 */
export class Signal<T = void> {
  readonly #listeners = new Set<(value: T) => void>();
  #happened: { readonly value: T } | null = null;

  get happened(): boolean {
    return this.#happened !== null;
  }

  /** The first time counts. */
  fire(value: T): void {
    if (this.#happened !== null) return;
    this.#happened = { value };
    for (const listener of this.#listeners) listener(value);
    this.#listeners.clear();
  }

  /** Calls `listener` once: at once if it has happened already. Returns how to stop listening. */
  on(listener: (value: T) => void): () => void {
    if (this.#happened !== null) {
      listener(this.#happened.value);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Resolves after so many milliseconds, or as soon as `end` happens: then to false. */
export function sleep({ scheduler }: Clock, ms: number, end: Signal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = scheduler.schedule(() => {
      off();
      resolve(true);
    }, ms);
    const off = end.on(() => {
      timer.unsubscribe();
      resolve(false);
    });
  });
}
