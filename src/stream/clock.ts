import { asyncScheduler, type SchedulerLike } from 'rxjs';

/** Time for waits: monotonic, so that a clock that jumps neither ends nor prolongs one. */
export interface Clock {
  readonly scheduler: SchedulerLike;
  /** Milliseconds since an arbitrary start. */
  now(): number;
}

export const monotonicClock: Clock = { scheduler: asyncScheduler, now: () => performance.now() };
