import { expect } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Clock } from '../../src/lib/clock.ts';

/** A scheduler for one marble test, and the clock that runs by it. */
export function virtualTime(): { readonly scheduler: TestScheduler; readonly clock: Clock } {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  return { scheduler, clock: { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() } };
}

interface VirtualClock extends Clock {
  readonly scheduler: VirtualTimeScheduler;
}

/** Time in which promises run: it stands still until they have. Begins at 0. */
export interface VirtualTime {
  readonly clock: VirtualClock;
  /** Does something at a moment (ms). */
  readonly schedule: (act: () => void, atMs: number) => void;
  /** Resolves so many milliseconds later. */
  readonly sleep: (ms: number) => Promise<void>;
}

export interface PromiseTime extends VirtualTime {
  /**
   * Goes from one timer of the clock to the next until there is none, or none before `untilMs`. After each of them, all
   * promises run that need nothing but time: what reads a file or a socket does not belong here. Rejects with what a
   * timer throws.
   */
  readonly play: (untilMs?: number) => Promise<void>;
}

/** Virtual time that is played by hand. */
export function promiseTime(): PromiseTime {
  const scheduler = new VirtualTimeScheduler();
  const now = (): number => scheduler.now();
  return {
    clock: { scheduler, now, wall: now },
    schedule: (act, atMs) => void scheduler.schedule(act, atMs - now()),
    sleep: (ms) => new Promise((resolve) => void scheduler.schedule(() => resolve(), ms)),
    async play(untilMs = Number.POSITIVE_INFINITY) {
      await letPromisesRun();
      for (
        let timer = scheduler.actions[0];
        timer !== undefined && timer.delay <= untilMs;
        timer = scheduler.actions[0]
      ) {
        scheduler.actions.shift();
        scheduler.frame = timer.delay;
        const error: unknown = timer.execute(timer.state, timer.delay);
        if (error !== undefined) throw error;
        await letPromisesRun();
      }
    },
  };
}

/**
 * Begins something, and plays virtual time until no timer is left, or none before `untilMs`. Rejects with what `begin` or
 * a timer throws, and if `begin` still waits when no timer is left.
 */
export async function playInVirtualTime<T>(
  begin: (time: VirtualTime) => T | Promise<T>,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<T> {
  const time = promiseTime();
  const begun = Promise.resolve(begin(time));
  let waits = true;
  const stopWaiting = (): void => void (waits = false);
  begun.then(stopWaiting, stopWaiting);
  await time.play(untilMs);
  if (waits) throw new Error('it waits for something that does not come, however much time passes');
  return begun;
}

function letPromisesRun(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
