import { DiskError, StoppedError } from '../domain/errors.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { type Signal, sleep } from '../lib/signal.ts';

/** While the disk refuses, what it refused is tried again this often. */
const RETRY_MS = 1000;

/** Repeats what the disk refuses to file, record or look up, and lets nothing be sent meanwhile. */
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
   * @param end gives it up; the default is the cut-off of the run
   * @throws StoppedError if `end` comes first; and what `action` throws other than `DiskError`
   */
  async untilOk<T>(action: () => T | Promise<T>, end: Signal = this.#cutting): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return this.#again(action, end, error);
    }
  }

  /** As `untilOk`, for what the run can end without: resolves to `stopped` if it is cut off first. */
  untilOkOrStopped<T>(action: () => T | Promise<T>): Promise<T | 'stopped'> {
    return this.untilOk(action).catch((error: unknown) => {
      if (error instanceof StoppedError) return 'stopped' as const;
      throw error;
    });
  }

  async #again<T>(action: () => T | Promise<T>, end: Signal, refusal: DiskError): Promise<T> {
    let last = refusal;
    this.#refused += 1;
    // Calls resume only after an action got through: a stop proves nothing.
    let gotThrough = false;
    try {
      for (;;) {
        this.#gate.pause({ scope: 'disk' }, last.message);
        // oxlint-disable-next-line no-await-in-loop -- one try after the other is what it is for
        if (!(await sleep(this.#clock, RETRY_MS, end))) throw new StoppedError();
        try {
          // oxlint-disable-next-line no-await-in-loop -- as above
          const result = await action();
          gotThrough = true;
          return result;
        } catch (error) {
          if (error instanceof DiskError) last = error;
          else {
            gotThrough = true;
            throw error;
          }
        }
      }
    } finally {
      this.#refused -= 1;
      if (gotThrough && this.#refused === 0) this.#gate.resume({ scope: 'disk' });
    }
  }
}
