import { describe, expect, test } from '@jest/globals';
import { Permits } from '../../src/gate/slots.ts';

const ANY = Number.POSITIVE_INFINITY;

describe('Permits', () => {
  test('let calls fly up to the limit, and again when one ended', () => {
    const permits = new Permits(2);
    permits.started();
    expect(permits.mayFly(ANY)).toBe(true);
    permits.started();
    expect(permits.mayFly(ANY)).toBe(false);
    permits.ended();
    expect(permits.mayFly(ANY)).toBe(true);
  });

  test('let fewer fly where fewer are allowed for now', () => {
    const permits = new Permits(3);
    permits.started();
    permits.started();
    expect(permits.mayFly(2)).toBe(false);
    permits.ended();
    expect([permits.mayFly(2), permits.mayFly(1)]).toEqual([true, false]);
  });

  test('have as many seats as calls, and those that get ready beyond', () => {
    const permits = new Permits(1);
    permits.seated(false);
    expect([permits.hasSeat(ANY, 0), permits.hasSeat(ANY, 1)]).toEqual([false, true]);
    permits.seated(false);
    expect(permits.hasSeat(ANY, 1)).toBe(false);
    permits.left(false);
    expect(permits.hasSeat(ANY, 1)).toBe(true);
  });

  test('have no seat while as many answers as calls wait to be filed', () => {
    const permits = new Permits(1);
    permits.settling();
    expect(permits.hasSeat(ANY, 0)).toBe(true);
    permits.settling();
    expect(permits.hasSeat(ANY, 0)).toBe(false);
    permits.settled();
    expect(permits.hasSeat(ANY, 0)).toBe(true);
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
      permits.seated(true);
      taken += 1;
    }
    expect(taken).toBe(share);
    permits.left(true);
    expect(permits.repeatedMayGoFirst).toBe(true);
  });
});
