import { DiskError, StoppedError } from '../domain/errors.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { type Signal, sleep } from '../lib/signal.ts';

/** While the disk refuses, what it refused is tried again this often. */
const RETRY_MS = 1000;

/** Lets nothing be sent as long as the disk refuses anything that is to be filed, recorded, or looked at. */
export class DiskRetry {
  readonly #gate: Pick<Gate, 'pause' | 'resume'>;
  readonly #clock: Clock;
  readonly #cutting: Signal;
  #refused = 0;

  constructor(gate: Pick<Gate, 'pause' | 'resume'>, clock: Clock, cutting: Signal) {
    this.#gate = gate;
    this.#clock = clock;
    this.#cutting = cutting;
  }

  /**
   * Repeats `action` until the disk does not refuse it.
   *
   * @param end when it is given up; the default is that the run is cut off
   * @throws StoppedError when `end` comes first; and what `action` throws beside `DiskError`
   */
  async untilOk<T>(action: () => T | Promise<T>, end: Signal = this.#cutting): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return this.#again(action, end, error);
    }
  }

  async #again<T>(action: () => T | Promise<T>, end: Signal, refusal: DiskError): Promise<T> {
    let last = refusal;
    this.#refused += 1;
    // Calls resume only after an action got through: a stop proves nothing.
    let isWell = false;
    try {
      for (;;) {
        this.#gate.pause({ scope: 'disk' }, last.message);
        // oxlint-disable-next-line no-await-in-loop -- one try after the other is what it is for
        if (!(await sleep(this.#clock, RETRY_MS, end))) throw new StoppedError();
        try {
          // oxlint-disable-next-line no-await-in-loop -- as above
          const result = await action();
          isWell = true;
          return result;
        } catch (error) {
          if (!(error instanceof DiskError)) {
            isWell = true;
            throw error;
          }
          last = error;
        }
      }
    } finally {
      this.#refused -= 1;
      if (isWell && this.#refused === 0) this.#gate.resume({ scope: 'disk' });
    }
  }
}
