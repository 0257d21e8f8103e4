import { describe, expect, test } from '@jest/globals';
import { Permits } from '../../src/gate/permits.ts';

describe('Permits', () => {
  test('are free up to the limit, and again when one is given back', () => {
    const permits = new Permits(2);
    permits.take(false);
    expect(permits.free).toBe(true);
    permits.take(false);
    expect(permits.free).toBe(false);
    permits.giveBack(false);
    expect(permits.free).toBe(true);
  });

  test('follow a limit that changes while calls run', () => {
    const permits = new Permits(3);
    permits.take(false);
    permits.take(false);
    permits.limit = 1;
    permits.giveBack(false);
    expect(permits.free).toBe(false);
    permits.giveBack(false);
    expect(permits.free).toBe(true);
  });

  test.each([
    { limit: 1, share: 1 },
    { limit: 2, share: 1 },
    { limit: 5, share: 2 },
    { limit: 10, share: 5 },
  ])('let $share repeated attempts go first where $limit calls may be in flight', ({ limit, share }) => {
    const permits = new Permits(limit);
    let taken = 0;
    while (permits.repeatedMayGoFirst) {
      permits.take(true);
      taken += 1;
    }
    expect(taken).toBe(share);
    permits.giveBack(true);
    expect(permits.repeatedMayGoFirst).toBe(true);
  });
});
