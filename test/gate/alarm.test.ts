import { describe, expect, test } from '@jest/globals';
import { Alarm } from '../../src/gate/alarm.ts';
import { virtualTime } from '../support/virtual-time.ts';

/** When an alarm rang that was set as `set` says. */
function ringing(set: (alarm: Alarm, at: (ms: number, act: () => void) => void) => void): readonly number[] {
  const { scheduler, clock } = virtualTime();
  const rang: number[] = [];
  scheduler.run(() => {
    const alarm = new Alarm(clock, () => rang.push(scheduler.now()));
    set(alarm, (ms, act) => scheduler.schedule(act, ms));
  });
  return rang;
}

describe('Alarm', () => {
  test('rings once, when it is due', () => {
    expect(ringing((alarm) => alarm.setFor(50))).toEqual([50]);
  });

  test('rings for the earliest of the moments it was set for', () => {
    expect(
      ringing((alarm) => {
        alarm.setFor(50);
        alarm.setFor(20);
        alarm.setFor(80);
      }),
    ).toEqual([20]);
  });

  test('does not ring if nothing is to come any more, nor after it was stopped', () => {
    expect(
      ringing((alarm) => {
        alarm.setFor(50);
        alarm.setFor(Number.POSITIVE_INFINITY);
      }),
    ).toEqual([]);
    expect(
      ringing((alarm, at) => {
        alarm.setFor(50);
        at(10, () => alarm.stop());
      }),
    ).toEqual([]);
  });

  test('looks again after an hour if a moment is further off than a timer should be', () => {
    expect(ringing((alarm) => alarm.setFor(1e12))).toEqual([3_600_000]);
  });
});
