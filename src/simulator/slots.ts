/** Lets so many work at once; the others wait in order of arrival. */
export class Slots {
  #limit = Number.POSITIVE_INFINITY;
  #working = 0;
  readonly #waiting = new Set<() => void>();

  /** More slots are filled at once; with fewer, nobody is driven out. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#fill();
  }

  /** Calls `start` as soon as there is a slot. Call what it returns once, to leave, whether or not it was started. */
  enter(start: () => void): () => void {
    this.#waiting.add(start);
    this.#fill();
    return () => {
      if (this.#waiting.delete(start)) return;
      this.#working -= 1;
      this.#fill();
    };
  }

  #fill(): void {
    for (const start of this.#waiting) {
      if (this.#working >= this.#limit) return;
      this.#waiting.delete(start);
      this.#working += 1;
      start();
    }
  }
}
