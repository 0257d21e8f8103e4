import { expect, test } from '@jest/globals';
import { cutText } from '../../src/simulator/answer-text.ts';

test.each([
  ['abc', 5, 'abc'],
  ['abc', 2, 'ab'],
  ['a😀b', 3, 'a😀'],
  ['a😀b', 2, 'a'],
  ['', 0, ''],
])('%j cut to %i is %j', (text, length, expected) => {
  expect(cutText(text, length)).toBe(expected);
});
