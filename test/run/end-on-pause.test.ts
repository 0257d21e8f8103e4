import { describe, expect, test } from '@jest/globals';
import { endOnPause } from '../../src/run/end-on-pause.ts';
import { accompany, refuse } from './support.ts';

describe('endOnPause', () => {
  test.each(['account', 'model'] as const)('says that the %s ends the run, then closes the gate', (scope) => {
    const log = accompany(({ gate, clock, at }) => {
      at(50, () => refuse(gate, scope));
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
    const log = accompany(({ gate, clock, at }) => {
      at(50, () => refuse(gate, 'disk'));
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
    const ticket = { api: 'api', model: 'model', recipe: '', folder: '', size: 1, repeated: false };
    const log = accompany(({ gate, clock, at }) => {
      at(10, () => gate.heed(ticket, { kind: 'retry', cools: 'model', hintSeconds: 5, counts: false }, 'slow down'));
      at(50, () => refuse(gate, 'model'));
      at(60, () => refuse(gate, 'account'));
      return endOnPause({ gate, graceSeconds: 60, clock });
    });
    expect(log.filter(([, what]) => what.startsWith('run-stopping'))).toEqual([[50, 'run-stopping model 60']]);
  });
});
