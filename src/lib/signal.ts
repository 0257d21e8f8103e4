import type { Clock } from './clock.ts';

/** Happens once, and calls its listeners. Unlike `AbortSignal`, constant time per listener: thousands listen to the same one. */
export class Signal<T = void> {
  readonly #listeners = new Set<(value: T) => void>();
  #happened: { readonly value: T } | null = null;

  get happened(): boolean {
    return this.#happened !== null;
  }

  /** Only the first time counts. All listeners are called, also if one throws: its error is thrown afterwards. */
  fire(value: T): void {
    if (this.#happened !== null) return;
    this.#happened = { value };
    const errors: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#listeners.clear();
    if (errors.length > 0) throw errors[0];
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

/** Resolves to true after so many milliseconds, or to false as soon as `end` happens. */
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

/** What `work` resolves to; `ended` if `end` happens first. */
export function endedBy<T>(end: Signal, work: Promise<T>): Promise<T | 'ended'> {
  return new Promise((resolve, reject) => {
    const off = end.on(() => resolve('ended'));
    work.then(resolve, reject).finally(off);
  });
}
