import { describe, expect, test } from '@jest/globals';
import { takeUntil, timer } from 'rxjs';
import { type StopSignal, stopOnSignal } from '../../src/run/stop.ts';
import { accompany, type Told } from './support.ts';

/** What becomes of a run with five seconds of grace when these signals come, until it ends by itself (ms). */
function stopped(signals: string, names: Readonly<Record<string, StopSignal>>, endsAt = 10_000): readonly Told[] {
  return accompany(({ gate, clock, helpers, note }) =>
    stopOnSignal({
      gate,
      stops: helpers.hot(signals, names),
      graceSeconds: 5,
      abandon: () => note('abandoned'),
      exit: (code) => note(`exit ${code}`),
      clock,
    }).pipe(takeUntil(timer(endsAt, clock.scheduler))),
  );
}

describe('the first signal', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s is told, closes the gate, and cuts off after the grace', (signal) => {
    expect(stopped('-a', { a: signal })).toEqual([
      [1, `run-stopping signal ${signal} 5`],
      [1, 'closed: signal'],
      [5001, 'cut off'],
      [10_000, 'ended'],
    ]);
  });

  test('cuts nothing off where the calls in flight finish within the grace', () => {
    expect(stopped('-a', { a: 'SIGINT' }, 4000).map(([, what]) => what)).not.toContain('cut off');
  });
});

describe('the second signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s cuts off at once, and ends a process that hangs with %d within a second', (signal, code) => {
    expect(stopped('-a 999ms b', { a: 'SIGTERM', b: signal }, 3000)).toEqual([
      [1, 'run-stopping signal SIGTERM 5'],
      [1, 'closed: signal'],
      [1001, 'cut off'],
      [1801, 'abandoned'],
      [1801, `exit ${code}`],
      [3000, 'ended'],
    ]);
  });

  test('leaves a process alone that ends by itself', () => {
    const log = stopped('-a 999ms b', { a: 'SIGINT', b: 'SIGINT' }, 1500);
    expect(log.slice(2)).toEqual([
      [1001, 'cut off'],
      [1500, 'ended'],
    ]);
  });

  test('is the last one that is heard', () => {
    const log = stopped('-a-b-c-d', { a: 'SIGINT', b: 'SIGINT', c: 'SIGTERM', d: 'SIGTERM' }, 3000);
    expect(log.filter(([, what]) => what.startsWith('exit'))).toEqual([[803, 'exit 130']]);
  });
});
