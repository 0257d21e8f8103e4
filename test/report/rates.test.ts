import { expect, test } from '@jest/globals';
import { advance, documentsPerMinute, newWindow, type RateWindow } from '../../src/report/progress.ts';

/** Looks at the window eight times a second, from `seenMs` on, while `perSecond` documents are worked off. */
function lookAt(window: RateWindow, seconds: number, perSecond: number, active = true): RateWindow {
  const worked = window.samples.at(-1)?.worked ?? 0;
  return Array.from({ length: seconds * 8 }, (_, index) => (index + 1) / 8).reduce(
    (current, passed) =>
      advance(current, { nowMs: window.seenMs + passed * 1000, worked: worked + passed * perSecond, active }),
    window,
  );
}

test('a steady pace is its own rate', () => {
  expect(documentsPerMinute(lookAt(newWindow(5_000), 30, 2))).toBeCloseTo(120);
});

test('two seconds must have passed before there is a rate', () => {
  expect(documentsPerMinute(lookAt(newWindow(0), 1, 2))).toBeNull();
});

test('the last minute counts', () => {
  const slowThenFast = lookAt(lookAt(newWindow(0), 120, 1), 70, 3);
  expect(documentsPerMinute(slowThenFast)).toBeCloseTo(180);
});

test('time without calls is left out', () => {
  const paused = lookAt(lookAt(newWindow(0), 20, 2), 600, 0, false);
  expect(documentsPerMinute(lookAt(paused, 20, 2))).toBeCloseTo(120);
});

test('a window stays small however often it is looked at', () => {
  expect(lookAt(newWindow(0), 300, 1).samples.length).toBeLessThan(65);
});
