import { expect, test } from '@jest/globals';
import { openConfiguredRate } from '../../src/run/calls.ts';

const WALL = Date.UTC(2026, 4, 17, 15, 30);
const clock = { now: () => 5000, wall: () => WALL };

const ago = (ms: number): string => new Date(WALL - ms).toISOString();

function notNeeded(): never {
  throw new Error('the ledger was looked through');
}

test('there is no pace without an option, and the ledger is not looked through', () => {
  expect(openConfiguredRate({ rpm: null, tpm: null }, { recentCalls: notNeeded }, clock)).toBeNull();
});

test('a run goes on at the pace of those before it', () => {
  const asked: string[] = [];
  const recentCalls = (since: string) => {
    asked.push(since);
    return [
      { startedAt: ago(20_000), tokens: 0 },
      { startedAt: ago(2000), tokens: 0 },
    ];
  };
  const configuredRate = openConfiguredRate({ rpm: 10, tpm: null }, { recentCalls }, clock);
  expect(asked).toEqual([ago(60_000)]);
  expect(configuredRate?.nextStart).toBeGreaterThan(5000 + 3900);
  expect(configuredRate?.nextStart).toBeLessThan(5000 + 4200);
});

test('a call of the future, after the clock was put back, counts as made now', () => {
  const calls = [{ startedAt: ago(-3_600_000), tokens: 30_000 }];
  const configuredRate = openConfiguredRate({ rpm: null, tpm: 60_000 }, { recentCalls: () => calls }, clock);
  expect(configuredRate?.nextStart).toBeLessThan(5000 + 31_000);
});
