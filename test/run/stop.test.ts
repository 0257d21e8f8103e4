import { describe, expect, test } from '@jest/globals';
import { Subject, takeUntil, timer, VirtualTimeScheduler } from 'rxjs';
import { durationOver, type StopCause, stopOnRequest } from '../../src/run/stop.ts';
import { accompany } from './support.ts';

/** What becomes of a run with five seconds of grace when it is to stop for these causes, until it ends by itself (ms). */
function stopped(causes: readonly (readonly [atMs: number, StopCause])[], endsAt = 10_000) {
  return accompany(({ gate, clock, at, note }) => {
    const stops = new Subject<StopCause>();
    for (const [ms, cause] of causes) at(ms, () => stops.next(cause));
    return stopOnRequest({
      gate,
      stops,
      graceSeconds: 5,
      abandon: () => note('abandoned'),
      exit: (code) => note(`exit ${code}`),
      clock,
    }).pipe(takeUntil(timer(endsAt, clock.scheduler)));
  });
}

describe('the first signal', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s is reported, closes the gate, and cuts off after the grace',
    async (signal) => {
      expect(await stopped([[1, signal]])).toEqual([
        [1, `run-stopping signal ${signal} 5`],
        [1, 'closed: signal'],
        [5001, 'cut off'],
        [10_000, 'ended'],
      ]);
    },
  );

  test('cuts nothing off if the calls in flight finish within the grace', async () => {
    const log = await stopped([[1, 'SIGINT']], 4000);
    expect(log.map(([, what]) => what)).not.toContain('cut off');
  });
});

describe('the second signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s cuts off at once, and ends a process that hangs with %d within a second', async (signal, code) => {
    const log = await stopped(
      [
        [1, 'SIGTERM'],
        [1001, signal],
      ],
      3000,
    );
    expect(log).toEqual([
      [1, 'run-stopping signal SIGTERM 5'],
      [1, 'closed: signal'],
      [1001, 'cut off'],
      [1801, 'abandoned'],
      [1801, `exit ${code}`],
      [3000, 'ended'],
    ]);
  });

  test('leaves a process alone that ends by itself', async () => {
    const log = await stopped(
      [
        [1, 'SIGINT'],
        [1001, 'SIGINT'],
      ],
      1500,
    );
    expect(log.slice(2)).toEqual([
      [1001, 'cut off'],
      [1500, 'ended'],
    ]);
  });

  test('is the last one that is heard', async () => {
    const log = await stopped(
      [
        [1, 'SIGINT'],
        [3, 'SIGINT'],
        [5, 'SIGTERM'],
        [7, 'SIGTERM'],
      ],
      3000,
    );
    expect(log.filter(([, what]) => what.startsWith('exit'))).toEqual([[803, 'exit 130']]);
  });
});

describe('the end of --max-duration', () => {
  test('stops as the first signal does, and a process that hangs ends with 7', async () => {
    expect(await stopped([[1, 'duration']], 20_000)).toEqual([
      [1, 'run-stopping duration 5'],
      [1, 'closed: duration'],
      [5001, 'cut off'],
      [15_001, 'abandoned'],
      [15_001, 'exit 7'],
      [20_000, 'ended'],
    ]);
  });

  test('hurries no run that stops already, and a signal after it cuts off at once', async () => {
    const after = await stopped(
      [
        [1, 'SIGTERM'],
        [10, 'duration'],
      ],
      3000,
    );
    expect(after.map(([, what]) => what)).toEqual(['run-stopping signal SIGTERM 5', 'closed: signal', 'ended']);
    const before = await stopped(
      [
        [1, 'duration'],
        [10, 'SIGINT'],
      ],
      500,
    );
    expect(before.slice(1)).toEqual([
      [1, 'closed: duration'],
      [10, 'cut off'],
      [500, 'ended'],
    ]);
  });

  test.each([
    [{ maxDurationSeconds: 5 }, 2000, [[3000, 'duration']]],
    [{ maxDurationSeconds: 1 }, 2000, [[0, 'duration']]],
    [{ maxDurationSeconds: null }, 0, []],
  ] as const)('of %j comes in time for a run that is %d ms old', (options, ageMs, told) => {
    const scheduler = new VirtualTimeScheduler();
    const clock = { scheduler, now: () => scheduler.now() + ageMs, wall: () => 0 };
    const heard: (readonly [number, string])[] = [];
    durationOver(options, 0, clock).subscribe((cause) => heard.push([scheduler.now(), cause]));
    scheduler.flush();
    expect(heard).toEqual(told);
  });
});
