import { describe, expect, test } from '@jest/globals';
import { defer, NEVER, of, throwError } from 'rxjs';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { DiskGuard } from '../../src/pipeline/disk-retry.ts';
import { virtualTime } from '../support/virtual-time.ts';

/** A filing that the disk refuses so many times before it takes it. */
function refused(times: number) {
  let left = times;
  return defer(() => {
    left -= 1;
    return left >= 0 ? throwError(() => new DiskError('no space left')) : of('filed');
  });
}

/** A look that fails, and says nothing of the disk. */
function barred(): never {
  throw new PathError('closed');
}

function guarded() {
  const told: string[] = [];
  const { scheduler, clock } = virtualTime();
  const gate = {
    cutting: NEVER,
    pause: () => void told.push(`${scheduler.now()} pause`),
    resume: () => void told.push(`${scheduler.now()} resume`),
  };
  return { told, scheduler, clock, gate };
}

describe('DiskGuard', () => {
  test('tries again each second until the disk takes it, and pauses meanwhile', () => {
    const { told, scheduler, clock, gate } = guarded();
    scheduler.run(({ expectObservable }) => {
      const guard = new DiskGuard(gate, clock);
      expectObservable(refused(2).pipe(guard.untilWell())).toBe('2s (x|)', { x: 'filed' });
    });
    expect(told).toEqual(['0 pause', '1000 pause', '2000 resume']);
  });

  test('lets calls start again only when nothing is refused any more', () => {
    const { told, scheduler, clock, gate } = guarded();
    scheduler.run(({ expectObservable }) => {
      const guard = new DiskGuard(gate, clock);
      expectObservable(refused(1).pipe(guard.untilWell())).toBe('1s (x|)', { x: 'filed' });
      expectObservable(refused(3).pipe(guard.untilWell())).toBe('3s (x|)', { x: 'filed' });
      expectObservable(refused(0).pipe(guard.untilWell())).toBe('(x|)', { x: 'filed' });
    });
    expect(told.filter((line) => line.endsWith('resume'))).toEqual(['3000 resume']);
  });

  test('gives up, empty, when the run is cut off', () => {
    const { told, scheduler, clock, gate } = guarded();
    scheduler.run(({ hot, expectObservable }) => {
      const guard = new DiskGuard({ ...gate, cutting: hot<void>('1500ms x', { x: undefined }) }, clock);
      expectObservable(refused(1000).pipe(guard.untilWell())).toBe('1500ms |');
    });
    expect(told).not.toContainEqual(expect.stringMatching(/resume/));
  });

  test('passes on what is no trouble of the disk', () => {
    const { told, scheduler, clock, gate } = guarded();
    scheduler.run(({ expectObservable }) => {
      const guard = new DiskGuard(gate, clock);
      expectObservable(throwError(() => new TypeError('bug')).pipe(guard.untilWell())).toBe(
        '#',
        undefined,
        new TypeError('bug'),
      );
    });
    expect(told).toEqual([]);
  });

  test('repeats a look that is refused until it tells, and pauses meanwhile', () => {
    const { told, scheduler, clock, gate } = guarded();
    let left = 2;
    const look = () => {
      left -= 1;
      if (left >= 0) throw new DiskError('the outbox is gone');
    };
    scheduler.run(({ expectObservable }) => {
      expectObservable(new DiskGuard(gate, clock).untilTold(look)).toBe('2s |');
    });
    expect(told).toEqual(['0 pause', '1000 pause', '2000 resume']);
  });

  test('leaves it to others to tell of a look that fails for another reason', () => {
    const { told, scheduler, clock, gate } = guarded();
    scheduler.run(({ expectObservable }) => {
      expectObservable(new DiskGuard(gate, clock).untilTold(barred)).toBe('|');
    });
    expect(told).toEqual([]);
  });
});
