import { expect, test } from '@jest/globals';
import { globMatcher } from '../../src/inbox/selection.ts';

test.each([
  ['a.txt', 'a.txt', true],
  ['a.txt', 'q1/a.txt', false],
  ['*.txt', 'a.txt', true],
  ['*.txt', 'a.txt.bak', false],
  ['*.txt', 'aatxt', false],
  ['*.txt', 'q1/a.txt', false],
  ['q1/*', 'q1/a.txt', true],
  ['q1/*', 'q1/b/a.txt', false],
  ['q1/**', 'q1/b/a.txt', true],
  ['**/a.txt', 'a.txt', true],
  ['**/a.txt', 'q1/b/a.txt', true],
  ['**/a.txt', 'q1/ba.txt', false],
  ['**', 'q1/b/a.txt', true],
  ['a?.txt', 'ab.txt', true],
  ['a?.txt', 'a.txt', false],
  ['a?c', 'a/c', false],
  ['a?.txt', 'a😀.txt', true],
  ['a[1].txt', 'a[1].txt', true],
  ['a[1].txt', 'a1.txt', false],
  ['(a|b)+.{txt}', '(a|b)+.{txt}', true],
  ['a\\b$^', 'a\\b$^', true],
  ['*', 'two\nlines', true],
])('%j and %j: %s', (glob, path, matches) => {
  expect(globMatcher(glob)(path)).toBe(matches);
});
