import { describe, expect, test } from '@jest/globals';
import { Subject, takeUntil, timer } from 'rxjs';
import { type StopSignal, stopOnSignal } from '../../src/run/stop.ts';
import { accompany } from './support.ts';

/** What becomes of a run with five seconds of grace when these signals come, until it ends by itself (ms). */
function stopped(signals: readonly (readonly [atMs: number, StopSignal])[], endsAt = 10_000) {
  return accompany(({ gate, clock, at, note }) => {
    const stops = new Subject<StopSignal>();
    for (const [ms, signal] of signals) at(ms, () => stops.next(signal));
    return stopOnSignal({
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
