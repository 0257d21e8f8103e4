import { expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { fitWidth } from '../../src/report/render-progress.ts';

test.each([
  ['abc', 3],
  ['éé', 2],
  ['e\u0301', 1],
  ['東京', 4],
  ['한글', 4],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['', 0],
])('%j takes %d columns', (text, width) => {
  expect(stringWidth(text)).toBe(width);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['東京都', 5, '東京…'],
  ['東京都', 4, '東…'],
  ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%j in %d columns is %j', (text, width, expected) => {
  expect(fitWidth(text, width)).toBe(expected);
});
