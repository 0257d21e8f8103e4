import { describe, expect, test } from '@jest/globals';
import { Spacing } from '../../src/gate/configured-rate.ts';

describe('Spacing', () => {
  test('holds nothing back before anything started', () => {
    expect(new Spacing(1000).nextStart).toBe(Number.NEGATIVE_INFINITY);
  });

  test('puts off what comes next by the gap of each unit that started', () => {
    const spacing = new Spacing(100);
    spacing.take(0, 1);
    spacing.take(90, 3);
    expect(spacing.nextStart).toBe(390);
  });

  test('saves up no time that went unused', () => {
    const spacing = new Spacing(100);
    spacing.take(0, 1);
    spacing.take(60_000, 1);
    expect(spacing.nextStart).toBe(60_090);
  });

  test('makes up for a timer that is late, so that the pace stays', () => {
    const spacing = new Spacing(100);
    let now = 0;
    for (let started = 0; started < 100; started += 1) {
      spacing.take(now, 1);
      now = spacing.nextStart + 8;
    }
    expect(now).toBeLessThan(10_010);
  });

  test('brings the next start forward if units are given back, but not into the past', () => {
    const spacing = new Spacing(100);
    spacing.take(0, 10);
    spacing.take(200, -5);
    expect(spacing.nextStart).toBe(490);
    spacing.take(300, -5);
    expect(spacing.nextStart).toBe(290);
  });

  test('puts nothing off beyond the given moment', () => {
    const spacing = new Spacing(100);
    spacing.take(0, 10);
    spacing.notAfter(500);
    expect(spacing.nextStart).toBe(500);
  });
});
