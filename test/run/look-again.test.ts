import { describe, expect, test } from '@jest/globals';
import { map, of, timer } from 'rxjs';
import { lookAgain } from '../../src/run/look-again.ts';
import { accompany, type Companion, refuse } from './support.ts';

/** Looks every minute; each look of a scope is noted, and comes to the next of `answers`, then to true. */
function looking({ gate, clock, note }: Companion, answers: boolean[] = [], lookMs = 0) {
  return lookAgain({
    gate,
    look: ({ scope }) => {
      note(`look at the ${scope}`);
      const accepted = answers.shift() ?? true;
      return lookMs === 0 ? of(accepted) : timer(lookMs, clock.scheduler).pipe(map(() => accepted));
    },
    everySeconds: 60,
    clock,
  });
}

describe('lookAgain', () => {
  test.each(['account', 'model'] as const)(
    'looks at the %s each minute until it is accepted, then goes on',
    (scope) => {
      const log = accompany((beside) => {
        beside.at(1000, () => refuse(beside.gate, scope));
        return looking(beside, [false]);
      });
      expect(log).toEqual([
        [1000, `gate-paused ${scope}`],
        [61_000, `look at the ${scope}`],
        [121_000, `look at the ${scope}`],
        [121_000, `gate-resumed ${scope}`],
      ]);
    },
  );

  test('looks again when the same scope is refused once more', () => {
    const log = accompany((beside) => {
      beside.at(0, () => refuse(beside.gate, 'account'));
      beside.at(90_000, () => refuse(beside.gate, 'account'));
      return looking(beside);
    });
    expect(log.filter(([, what]) => what.startsWith('look'))).toEqual([
      [60_000, 'look at the account'],
      [150_000, 'look at the account'],
    ]);
  });

  test('looks at an account and a model each by itself', () => {
    const log = accompany((beside) => {
      beside.at(0, () => refuse(beside.gate, 'account'));
      beside.at(10_000, () => refuse(beside.gate, 'model'));
      return looking(beside, [true, false]);
    });
    expect(log.filter(([, what]) => what.startsWith('gate-resumed'))).toEqual([
      [60_000, 'gate-resumed account'],
      [130_000, 'gate-resumed model'],
    ]);
  });

  test('has one look in flight at a time, however long it takes', () => {
    const log = accompany((beside) => {
      beside.at(0, () => refuse(beside.gate, 'account'));
      return looking(beside, [], 150_000);
    });
    expect(log.slice(1)).toEqual([
      [60_000, 'look at the account'],
      [210_000, 'gate-resumed account'],
    ]);
  });

  test('leaves the disk to those who wait for it', () => {
    const log = accompany((beside) => {
      beside.at(0, () => refuse(beside.gate, 'disk'));
      beside.at(600_000, () => beside.gate.close('signal'));
      return looking(beside);
    });
    expect(log).toEqual([
      [0, 'gate-paused disk'],
      [600_000, 'closed: signal'],
    ]);
  });

  test('ends with the closing of the gate, and leaves the look that is in flight', () => {
    const log = accompany((beside) => {
      beside.at(0, () => refuse(beside.gate, 'account'));
      beside.at(70_000, () => beside.gate.close('signal'));
      return looking(beside, [], 20_000);
    });
    expect(log.slice(1)).toEqual([
      [60_000, 'look at the account'],
      [70_000, 'closed: signal'],
    ]);
  });
});
