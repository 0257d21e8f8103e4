/** How much is inside now, and how much was at most. */
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
  enter(amount = 1): () => void {
    this.#inside += amount;
    this.#most = Math.max(this.#most, this.#inside);
    return () => {
      this.#inside -= amount;
    };
  }

  /** Begins the search for the most anew. */
  restart(): void {
    this.#most = this.#inside;
  }
}
