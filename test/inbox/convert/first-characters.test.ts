import { expect, test } from '@jest/globals';
import { firstCharacters } from '../../../src/inbox/convert/converter.ts';

test.each([
  ['abcdef', 3, 'abc'],
  ['abc', 3, 'abc'],
  ['abc', 500, 'abc'],
  ['abc', 0, ''],
  ['', 5, ''],
  ['a😀b😀c', 2, 'a😀'],
  ['😀😀😀', 1, '😀'],
  ['😀😀', 3, '😀😀'],
  ['ab\r\ncd', 3, 'ab\r'],
  ['\ud83d lone', 2, '\ud83d '],
])('%j cut to %i characters is %j', (text, count, cut) => {
  expect(firstCharacters(text, count)).toBe(cut);
});
