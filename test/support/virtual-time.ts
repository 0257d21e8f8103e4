import { setImmediate as promisesRun } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Clock } from '../../src/lib/clock.ts';

/** A scheduler for one marble test, and the clock that runs by it. */
export function virtualTime(): { readonly scheduler: TestScheduler; readonly clock: Clock } {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  return { scheduler, clock: { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() } };
}

/** Virtual time for code that awaits. */
export interface PromiseTime {
  readonly scheduler: VirtualTimeScheduler;
  readonly clock: Clock;
  /** Does something after so many milliseconds. */
  at(ms: number, act: () => void): void;
  /** Lets time pass until nothing waits for it; or no later than `untilMs`. */
  play(untilMs?: number): Promise<void>;
}

/** Time goes from one action to the next, and stands still while promises run. */
export function promiseTime(): PromiseTime {
  const scheduler = new VirtualTimeScheduler();
  const now = () => scheduler.now();
  return {
    scheduler,
    clock: { scheduler, now, wall: now },
    at: (ms, act) => void scheduler.schedule(act, ms),
    async play(untilMs = Number.POSITIVE_INFINITY) {
      await promisesRun();
      for (;;) {
        const [action] = scheduler.actions;
        if (action === undefined || action.delay > untilMs) return;
        scheduler.actions.shift();
        scheduler.frame = action.delay;
        const error: unknown = action.execute(action.state, action.delay);
        if (error !== undefined) throw error;
        // oxlint-disable-next-line no-await-in-loop -- what the action set off comes before the next one
        await promisesRun();
      }
    },
  };
}
