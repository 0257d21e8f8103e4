import { describe, expect, test } from '@jest/globals';
import { endOnPause } from '../../src/run/once.ts';
import { accompany } from './support.ts';

describe('endOnPause', () => {
  test.each(['account', 'model', 'budget'] as const)(
    'says that the %s ends the run, then closes the gate',
    async (scope) => {
      const log = await accompany(({ gate, clock, at, refuse }) => {
        at(50, () => refuse(scope));
        return endOnPause({ gate, graceSeconds: 60, clock });
      });
      expect(log).toEqual([
        [50, `gate-paused ${scope}`],
        [50, `run-stopping ${scope} 60`],
        [50, `closed: ${scope}`],
        [50, 'ended'],
      ]);
    },
  );

  test('holds what a full disk refused for the grace, then gives it up', async () => {
    const log = await accompany(({ gate, clock, at, refuse }) => {
      at(50, () => refuse('disk'));
      return endOnPause({ gate, graceSeconds: 60, clock });
    });
    expect(log).toEqual([
      [50, 'gate-paused disk'],
      [50, 'run-stopping disk 60'],
      [50, 'closed: disk'],
      [60_050, 'cut off'],
      [60_050, 'ended'],
    ]);
  });

  test('ends for the first pause alone, and for no cooldown', async () => {
    const log = await accompany(({ gate, clock, at, report, refuse }) => {
      at(10, () => report({ kind: 'retry', cools: 'model', hintSeconds: 5, counts: false }));
      at(50, () => refuse('model'));
      at(60, () => refuse('account'));
      return endOnPause({ gate, graceSeconds: 60, clock });
    });
    expect(log.filter(([, what]) => what.startsWith('run-stopping'))).toEqual([[50, 'run-stopping model 60']]);
  });

  describe.each([
    'The ledger could not be made durable: EMFILE: too many open files, open',
    'Too many files are open: a.md could not be written. Raise the limit (ulimit -n).',
    'Too many files are open on this machine: a.md could not be written.',
  ])('where too many files are open (%s)', (reason) => {
    test('goes on when they can be opened again within the grace, as often as that happens', async () => {
      const log = await accompany(({ gate, clock, at }) => {
        for (const ms of [50, 40_000]) {
          at(ms, () => gate.pause({ scope: 'disk' }, reason));
          at(ms + 30_000, () => gate.resume({ scope: 'disk' }));
        }
        at(200_000, () => gate.close('signal'));
        return endOnPause({ gate, graceSeconds: 60, clock });
      });
      expect(log).toEqual([
        [50, 'gate-paused disk'],
        [30_050, 'gate-resumed disk'],
        [40_000, 'gate-paused disk'],
        [70_000, 'gate-resumed disk'],
        [200_000, 'closed: signal'],
      ]);
    });

    test('ends when the grace is over, as for a full disk', async () => {
      const log = await accompany(({ gate, clock, at }) => {
        at(50, () => gate.pause({ scope: 'disk' }, reason));
        return endOnPause({ gate, graceSeconds: 60, clock });
      });
      expect(log).toEqual([
        [50, 'gate-paused disk'],
        [60_050, 'run-stopping disk 60'],
        [60_050, 'closed: disk'],
        [60_050, 'cut off'],
        [60_050, 'ended'],
      ]);
    });
  });
});
