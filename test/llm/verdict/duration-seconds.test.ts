import { expect, test } from '@jest/globals';
import { durationSeconds } from '../../../src/llm/verdict/hints.ts';

test.each([
  ['1s', 1],
  ['250ms', 0.25],
  ['250 milliseconds', 0.25],
  ['6m0s', 360],
  ['1h2m3.5s', 3723.5],
  ['2 days', 172_800],
  ['1 minute 5 seconds', 65],
  ['12', null],
  ['soon', null],
  ['', null],
  [`${'9'.repeat(400)}s`, null],
])('%s', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});
