import { asyncScheduler, type SchedulerLike } from 'rxjs';

/** Time for waits: monotonic, so that a jump of the system's clock neither ends nor prolongs one. */
export interface Clock {
  readonly scheduler: SchedulerLike;
  /** Milliseconds since an arbitrary start. */
  now(): number;
  /** The time of day, in milliseconds since the epoch: for what is written down, never for waits. */
  wall(): number;
}

export const monotonicClock: Clock = {
  scheduler: asyncScheduler,
  now: () => performance.now(),
  wall: () => Date.now(),
};
