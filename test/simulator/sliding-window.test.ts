import { expect, test } from '@jest/globals';
import { SlidingWindow } from '../../src/simulator/rate-limits.ts';

/** Adds what fits; returns how long each had to wait. */
function passages(
  window: SlidingWindow,
  limit: number,
  attempts: readonly (readonly [nowMs: number, weight: number])[],
) {
  return attempts.map(([nowMs, weight]) => {
    const waitMs = window.waitMs(nowMs, weight, limit);
    if (waitMs === 0) window.add(nowMs, weight);
    return waitMs;
  });
}

test('lets through as much as the limit, and says how long more has to wait', () => {
  const attempts = [0, 10_000, 20_000].map((nowMs) => [nowMs, 1] as const);
  expect(passages(new SlidingWindow(60_000), 2, attempts)).toEqual([0, 0, 40_000]);
});

test('slides: each passage makes room one window later', () => {
  const attempts = [0, 10_000, 60_000, 60_001, 70_000].map((nowMs) => [nowMs, 1] as const);
  expect(passages(new SlidingWindow(60_000), 2, attempts)).toEqual([0, 0, 0, 9_999, 0]);
});

test('waits for as many passages as make room for the weight', () => {
  const window = new SlidingWindow(1_000);
  const attempts = [
    [0, 40],
    [100, 40],
    [200, 20],
    [300, 60],
    [1_100, 60],
  ] as const;
  expect(passages(window, 100, attempts)).toEqual([0, 0, 0, 800, 0]);
});

test('lets through what is over the limit by itself once the window is empty', () => {
  const attempts = [
    [0, 5],
    [1, 500],
    [1_000, 500],
    [1_001, 1],
    [2_000, 1],
  ] as const;
  expect(passages(new SlidingWindow(1_000), 10, attempts)).toEqual([0, 999, 0, 999, 0]);
});

test('counts what passed under another limit', () => {
  const window = new SlidingWindow(1_000);
  for (const nowMs of [0, 100, 200]) window.add(nowMs, 1);
  expect(window.waitMs(300, 1, 2)).toBe(800);
  expect(window.waitMs(300, 1, 4)).toBe(0);
});

test('goes on counting right when it has forgotten many', () => {
  const window = new SlidingWindow(10);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    expect(window.waitMs(nowMs, 1, 10)).toBe(0);
    window.add(nowMs, 1);
    expect(window.waitMs(nowMs, 1, 10)).toBe(nowMs < 9 ? 0 : 1);
  }
});
