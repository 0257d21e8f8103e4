/** One chat call as it was decided on. */
export interface LoggedRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Hex SHA-256 of the user message that brought it: of its text, and of its files. */
  readonly document: string;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** `answer`, the kind of the fault, or the reason why it was turned away. */
  readonly outcome: string;
  readonly model: string;
  readonly stream: boolean;
  /** Whether it carried an `Authorization` header. */
  readonly hasKey: boolean;
}

/** Keeps the last `capacity` calls. */
export class RequestLog {
  readonly #capacity: number;
  readonly #entries: LoggedRequest[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: LoggedRequest): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Oldest first. */
  list(): readonly LoggedRequest[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}
