import type { Subscription } from 'rxjs';
import type { Clock } from '../lib/clock.ts';

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
