import { expect, test } from '@jest/globals';
import { visible, visibleJson } from '../../src/report/words.ts';

test.each([
  ['a\nb', 'a\\nb'],
  ['\u001B[31mred', '\\u{1b}[31mred'],
  ['\u009B2J', '\\u{9b}2J'],
  ['gpj.\u202Eexe', 'gpj.\\u{202e}exe'],
  ['a\uD800b', 'a\\u{d800}b'],
  ['mañana 👩‍👩‍👧 東京', 'mañana 👩‍👩‍👧 東京'],
])('%j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('JSON keeps its value and its lines', () => {
  const value = { a: '\u009B2J \u202E \u2028', b: ['\n\u001B\uD800'] };
  const json = visibleJson(JSON.stringify(value, null, 2));
  expect(json.split('\n').map(visible).join('\n')).toBe(json);
  expect(JSON.parse(json)).toEqual(value);
});
