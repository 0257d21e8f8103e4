import { expect } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import type { Clock } from '../../src/lib/clock.ts';

/** A scheduler for one marble test, and the clock that runs by it. */
export function virtualTime(): { readonly scheduler: TestScheduler; readonly clock: Clock } {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  return { scheduler, clock: { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() } };
}
