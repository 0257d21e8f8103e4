/**
 * The bytes of a request until it has left. All that lives as long as its call (configurations, closures, the request
 * itself) knows them through this alone, so that nothing holds them while the reply is waited for.
 */
export class RequestBytes {
  readonly length: number;
  #bytes: Buffer | null;

  constructor(bytes: Buffer) {
    this.length = bytes.length;
    this.#bytes = bytes;
  }

  /** Null once they were let go of. */
  get bytes(): Buffer | null {
    return this.#bytes;
  }

  /** For when the last of them was handed to the system: what was written whole is never repeated. */
  letGo(): void {
    this.#bytes = null;
  }
}
