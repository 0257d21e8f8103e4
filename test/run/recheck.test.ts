import { describe, expect, test } from '@jest/globals';
import { firstValueFrom, timer } from 'rxjs';
import { recheck } from '../../src/run/daemon.ts';
import { accompany, type Companion } from './support.ts';

/** Looks every minute; each look of a scope is noted, and comes to the next of `answers`, then to true. */
function looking({ gate, clock, note }: Companion, answers: boolean[] = [], lookMs = 0) {
  return recheck({
    gate,
    look: async ({ scope }) => {
      note(`look at the ${scope}`);
      const accepted = answers.shift() ?? true;
      if (lookMs > 0) await firstValueFrom(timer(lookMs, clock.scheduler));
      return accepted;
    },
    everySeconds: 60,
    clock,
  });
}

describe('recheck', () => {
  test.each(['account', 'model'] as const)(
    'looks at the %s each minute until it is accepted, then goes on',
    async (scope) => {
      const log = await accompany((beside) => {
        beside.at(1000, () => beside.refuse(scope));
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

  test('looks again when the same scope is refused once more', async () => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse('account'));
      beside.at(90_000, () => beside.refuse('account'));
      return looking(beside);
    });
    expect(log.filter(([, what]) => what.startsWith('look'))).toEqual([
      [60_000, 'look at the account'],
      [150_000, 'look at the account'],
    ]);
  });

  test('looks at an account and a model each by itself', async () => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse('account'));
      beside.at(10_000, () => beside.refuse('model'));
      return looking(beside, [true, false]);
    });
    expect(log.filter(([, what]) => what.startsWith('gate-resumed'))).toEqual([
      [60_000, 'gate-resumed account'],
      [130_000, 'gate-resumed model'],
    ]);
  });

  test('has one look in flight at a time, however long it takes', async () => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse('account'));
      return looking(beside, [], 150_000);
    });
    expect(log.slice(1)).toEqual([
      [60_000, 'look at the account'],
      [210_000, 'gate-resumed account'],
    ]);
  });

  test.each(['disk', 'budget'] as const)('leaves the %s to those who wait for it', async (scope) => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse(scope));
      beside.at(600_000, () => beside.gate.close('signal'));
      return looking(beside);
    });
    expect(log).toEqual([
      [0, `gate-paused ${scope}`],
      [600_000, 'closed: signal'],
    ]);
  });

  test.each([
    ['an hour', 3600, 3600],
    ['a moment', 1, 60],
    ['a thousand days, which may be a mistake', 86_400_000, 86_400],
  ])('does not look before a pause is said to end by itself: in %s', async (_, resetSeconds, firstLook) => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse('account', resetSeconds));
      beside.at(100_000_000, () => beside.gate.close('signal'));
      return looking(beside);
    });
    expect(log.find(([, what]) => what.startsWith('look'))).toEqual([firstLook * 1000, 'look at the account']);
  });

  test('ends with the closing of the gate, and leaves the look that is in flight', async () => {
    const log = await accompany((beside) => {
      beside.at(0, () => beside.refuse('account'));
      beside.at(70_000, () => beside.gate.close('signal'));
      return looking(beside, [], 20_000);
    });
    expect(log.slice(1)).toEqual([
      [60_000, 'look at the account'],
      [70_000, 'closed: signal'],
    ]);
  });
});
