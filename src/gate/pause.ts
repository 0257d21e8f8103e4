/** A pause, and the caution after it: one call at a time, until one of them shows that the cause is mended. */
export class Hold {
  #state: 'open' | 'paused' | 'probing' = 'open';

  get paused(): boolean {
    return this.#state === 'paused';
  }

  /** Calls that may be in flight. */
  get calls(): number {
    switch (this.#state) {
      case 'open':
        return Number.POSITIVE_INFINITY;
      case 'paused':
        return 0;
      case 'probing':
        return 1;
    }
  }

  pause(): void {
    this.#state = 'paused';
  }

  /** Lets one call through, to see. */
  resume(): void {
    this.#state = 'probing';
  }

  /** A call came back with something else than the cause of a pause, or nothing is left to see. */
  proven(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }
}
