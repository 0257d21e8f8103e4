import type { Subscription } from 'rxjs';
import type { Ticket } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';

/** One call that asks for a permit. */
export interface Waiter {
  readonly ticket: Ticket;
  /** Lets the call start. */
  readonly grant: () => void;
  /** Tells the call that it will not start. */
  readonly refuse: () => void;
}

/** First come, first served, with leaving from anywhere. */
class Queue {
  readonly #waiters = new Set<Waiter>();

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  delete(waiter: Waiter): boolean {
    return this.#waiters.delete(waiter);
  }

  get first(): Waiter | undefined {
    return this.#waiters.values().next().value;
  }

  get size(): number {
    return this.#waiters.size;
  }

  drain(): readonly Waiter[] {
    const all = [...this.#waiters];
    this.#waiters.clear();
    return all;
  }
}

/** The calls that wait for one API and model: repeated attempts and fresh documents, each in order of arrival. */
export class WaitingLine {
  readonly #repeated = new Queue();
  readonly #fresh = new Queue();

  add(waiter: Waiter): void {
    (waiter.ticket.repeated ? this.#repeated : this.#fresh).add(waiter);
  }

  delete(waiter: Waiter): void {
    if (!this.#repeated.delete(waiter)) this.#fresh.delete(waiter);
  }

  /** Who is next: a repeated attempt before a fresh document, unless repeated ones hold their share already. */
  next(repeatedMayGoFirst: boolean): Waiter | undefined {
    return repeatedMayGoFirst
      ? (this.#repeated.first ?? this.#fresh.first)
      : (this.#fresh.first ?? this.#repeated.first);
  }

  get size(): number {
    return this.#repeated.size + this.#fresh.size;
  }

  get hasRepeated(): boolean {
    return this.#repeated.size > 0;
  }

  /** Tells everybody that they will not start. */
  sendAway(): void {
    for (const waiter of [...this.#repeated.drain(), ...this.#fresh.drain()]) waiter.refuse();
  }
}

/** A timer never runs longer than this; what is due later is looked at again then. Node's own limit is 24.8 days. */
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

  /** Rings at `moment` (ms of the clock), or before where it was set for an earlier one; Infinity: not at all. */
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
