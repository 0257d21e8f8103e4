import type { Ticket } from '../domain/ports.ts';
import { Fifo } from '../lib/fifo.ts';

/** A document that waits for its turn. */
export interface QueueItem {
  readonly ticket: Ticket;
  /** It is its turn. */
  grant(): void;
  /** Its turn will not come. */
  refuse(): void;
}

/** Documents that wait for the same: repeated attempts and fresh documents, each in order of arrival. */
export class WaitQueue {
  readonly #repeated = new Fifo<QueueItem>();
  readonly #fresh = new Fifo<QueueItem>();

  add(waiting: QueueItem): void {
    (waiting.ticket.repeated ? this.#repeated : this.#fresh).push(waiting);
  }

  /** The next one. A repeated attempt goes first only if it may, or if no fresh document waits. */
  next(repeatedMayGoFirst: boolean): QueueItem | undefined {
    return this.#chosen(repeatedMayGoFirst).first;
  }

  /** Removes the next one. */
  take(repeatedMayGoFirst: boolean): QueueItem | undefined {
    return this.#chosen(repeatedMayGoFirst).shift();
  }

  get size(): number {
    return this.#repeated.size + this.#fresh.size;
  }

  get hasRepeated(): boolean {
    return this.#repeated.size > 0;
  }

  /** Refuses all that wait. */
  refuseAll(): void {
    for (let next = this.take(true); next !== undefined; next = this.take(true)) next.refuse();
  }

  #chosen(repeatedMayGoFirst: boolean): Fifo<QueueItem> {
    if (this.#repeated.size === 0) return this.#fresh;
    return repeatedMayGoFirst || this.#fresh.size === 0 ? this.#repeated : this.#fresh;
  }
}
