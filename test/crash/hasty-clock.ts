import { asyncScheduler, type SchedulerAction, type Subscription } from 'rxjs';
import type { Clock } from '../../src/lib/clock.ts';

const TIMES = 50;

/** A clock on which waits pass fifty times as fast. */
export const hastyClock: Clock = {
  scheduler: { now: () => hastyClock.now(), schedule },
  now: () => performance.now() * TIMES,
  wall: () => Date.now(),
};

function schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription {
  return asyncScheduler.schedule(work, (delay ?? 0) / TIMES, state);
}
