import { describe, expect, test } from '@jest/globals';
import { endOnPause } from '../../src/run/once.ts';
import { accompany } from './support.ts';

describe('endOnPause', () => {
  test.each(['account', 'model', 'budget'] as const)('says that the %s ends the run, then closes the gate', (scope) => {
    const log = accompany(({ gate, clock, at, refuse }) => {
      at(50, () => refuse(scope));
      return endOnPause({ gate, graceSeconds: 60, clock });
    });
    expect(log).toEqual([
      [50, `gate-paused ${scope}`],
      [50, `run-stopping ${scope} 60`],
      [50, `closed: ${scope}`],
      [50, 'ended'],
    ]);
  });

  test('holds what a full disk refused for the grace, then gives it up', () => {
    const log = accompany(({ gate, clock, at, refuse }) => {
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

  test('heeds the first pause alone, and no cooldown', () => {
    const log = accompany(({ gate, clock, at, heed, refuse }) => {
      at(10, () => heed({ kind: 'retry', cools: 'model', hintSeconds: 5, counts: false }));
      at(50, () => refuse('model'));
      at(60, () => refuse('account'));
      return endOnPause({ gate, graceSeconds: 60, clock });
    });
    expect(log.filter(([, what]) => what.startsWith('run-stopping'))).toEqual([[50, 'run-stopping model 60']]);
  });
});
