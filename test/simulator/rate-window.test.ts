import { expect, test } from '@jest/globals';
import { RateWindow } from '../../src/simulator/rate-window.ts';

test('lets through so many calls a minute and says how long the next has to wait', () => {
  const window = new RateWindow(2);
  expect([window.take(0), window.take(10_000), window.take(20_000)]).toEqual([0, 0, 40_000]);
});

test('slides: each call makes room a minute after it was let through', () => {
  const window = new RateWindow(2);
  window.take(0);
  window.take(10_000);
  expect([window.take(60_000), window.take(60_001), window.take(70_000)]).toEqual([0, 9_999, 0]);
});

test('does not count calls that it turned away', () => {
  const window = new RateWindow(1);
  window.take(0);
  expect([window.take(1), window.take(2), window.take(60_000)]).toEqual([59_999, 59_998, 0]);
});
