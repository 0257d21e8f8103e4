import { describe, expect, test } from '@jest/globals';
import { SlotCounts } from '../../src/gate/slots.ts';

const ANY = Number.POSITIVE_INFINITY;

describe('SlotCounts', () => {
  test('let calls start up to the limit, and again when one ended', () => {
    const slots = new SlotCounts(2);
    slots.inFlight += 1;
    expect(slots.mayStart(ANY)).toBe(true);
    slots.inFlight += 1;
    expect(slots.mayStart(ANY)).toBe(false);
    slots.inFlight -= 1;
    expect(slots.mayStart(ANY)).toBe(true);
  });

  test('let fewer start if fewer are allowed for now', () => {
    const slots = new SlotCounts(3);
    slots.inFlight += 1;
    slots.inFlight += 1;
    expect(slots.mayStart(2)).toBe(false);
    slots.inFlight -= 1;
    expect([slots.mayStart(2), slots.mayStart(1)]).toEqual([true, false]);
  });

  test('have as many slots as calls, and those that get ready beyond', () => {
    const slots = new SlotCounts(1);
    slots.count(false, 1);
    expect([slots.hasSlot(ANY, 0), slots.hasSlot(ANY, 1)]).toEqual([false, true]);
    slots.count(false, 1);
    expect(slots.hasSlot(ANY, 1)).toBe(false);
    slots.count(false, -1);
    expect(slots.hasSlot(ANY, 1)).toBe(true);
  });

  test('have no slot while as many answers as calls wait to be filed', () => {
    const slots = new SlotCounts(1);
    slots.unsettled += 1;
    expect(slots.hasSlot(ANY, 0)).toBe(true);
    slots.unsettled += 1;
    expect(slots.hasSlot(ANY, 0)).toBe(false);
    slots.unsettled -= 1;
    expect(slots.hasSlot(ANY, 0)).toBe(true);
  });

  test.each([
    { limit: 1, share: 1 },
    { limit: 2, share: 1 },
    { limit: 5, share: 2 },
    { limit: 10, share: 5 },
  ])('let $share repeated attempts go first if $limit calls may be in flight', ({ limit, share }) => {
    const slots = new SlotCounts(limit);
    let taken = 0;
    while (slots.repeatedMayGoFirst) {
      slots.count(true, 1);
      taken += 1;
    }
    expect(taken).toBe(share);
    slots.count(true, -1);
    expect(slots.repeatedMayGoFirst).toBe(true);
  });
});
