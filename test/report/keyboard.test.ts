import { expect, test } from '@jest/globals';
import { isForegroundGroup } from '../../src/report/keyboard.ts';

test.each([
  ['4711 (node) S 4700 4711 4700 34817 4711 4194304 0', true],
  ['4711 (node) S 4700 4711 4700 34817 4700 4194304 0', false],
  ['4711 (a) S 1 1 1 (b) S 4700 4711 4700 34817 4711 4194304 0', true],
  ['4711 (node) S 4700 4711 4700 0 -1 4194304 0', false],
])('%s: in the foreground of its terminal: %s', (stat, expected) => {
  expect(isForegroundGroup(stat)).toBe(expected);
});
