import { describe, expect, test } from '@jest/globals';
import type { Limit } from '../../src/domain/attempt.ts';
import { coolsModel, Patience } from '../../src/gate/cooldown.ts';

describe('Patience', () => {
  test('of a daemon waits for anything, a quarter of an hour at a time', () => {
    const patience = new Patience();
    expect(patience.waitsFor(1e9)).toBe(true);
    expect([1, 901, 1e9].map((wanted) => patience.secondsToCool(wanted))).toEqual([1, 900, 900]);
  });

  test('of a run that is to end has an end, beyond which the whole wait stands', () => {
    const patience = new Patience(900);
    expect([patience.waitsFor(900), patience.waitsFor(901)]).toEqual([true, false]);
    expect([patience.secondsToCool(900), patience.secondsToCool(901)]).toEqual([900, 901]);
  });
});

test.each<[Limit | undefined, 'document' | 'model', number, boolean]>([
  ['rate', 'model', 7, true],
  ['upstream', 'model', 7, true],
  [undefined, 'model', 7, true],
  [undefined, 'document', 1, false],
  ['concurrency', 'document', 7, false],
  ['concurrency', 'document', 1, true],
  ['spending', 'model', 7, false],
  ['spending', 'model', 1, true],
])('a refusal (%s) that concerns the %s, with %i in flight, cools all: %s', (limit, cools, inFlight, expected) => {
  const verdict = {
    kind: 'retry',
    cools,
    hintSeconds: 1,
    counts: false,
    ...(limit !== undefined && { limit }),
  } as const;
  expect(coolsModel(verdict, { startedAt: 0, inFlight })).toBe(expected);
});
