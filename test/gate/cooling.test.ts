import { describe, expect, test } from '@jest/globals';
import type { Limit } from '../../src/domain/attempt.ts';
import { coolsModel, secondsToCool } from '../../src/gate/cooldown.ts';

describe('a model cools', () => {
  test('in a daemon for a quarter of an hour at a time', () => {
    expect([1, 901, 1e9].map((wanted) => secondsToCool(wanted, Number.POSITIVE_INFINITY))).toEqual([1, 900, 900]);
  });

  test('in a run that is to end as long as it wants, if that is not waited for', () => {
    expect([secondsToCool(900, 900), secondsToCool(901, 900)]).toEqual([900, 901]);
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
  expect(coolsModel(cools, limit, inFlight)).toBe(expected);
});
