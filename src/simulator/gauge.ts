/** How many are inside now, and how many were at most. */
export class Gauge {
  #inside = 0;
  #most = 0;

  get inside(): number {
    return this.#inside;
  }

  get most(): number {
    return this.#most;
  }

  /** Call what it returns once, to leave. */
  enter(): () => void {
    this.#inside += 1;
    this.#most = Math.max(this.#most, this.#inside);
    return () => {
      this.#inside -= 1;
    };
  }

  /** Begins the search for the most anew. */
  restart(): void {
    this.#most = this.#inside;
  }
}
