import type { Subscription } from 'rxjs';
import type { Ticket } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
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

/** No timer runs longer: what is due later is looked at again then. Node's own limit is 24.8 days. */
const LONGEST_TIMER_MS = 60 * 60 * 1000;

/** The one timer of the gate. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly timer: Subscription } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `moment` (ms of the clock), unless it is set for an earlier one. Infinity: not at all. */
  setFor(moment: number): void {
    if (moment === Number.POSITIVE_INFINITY) {
      this.stop();
      return;
    }
    const now = this.#clock.now();
    const at = Math.min(moment, now + LONGEST_TIMER_MS);
    if (this.#set !== null && this.#set.at <= at) return;
    this.stop();
    const timer = this.#clock.scheduler.schedule(
      () => {
        this.#set = null;
        this.#ring();
      },
      Math.ceil(at - now),
    );
    this.#set = { at, timer };
  }

  stop(): void {
    this.#set?.timer.unsubscribe();
    this.#set = null;
  }
}
