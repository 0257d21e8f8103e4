import { expect, test } from '@jest/globals';
import { answerLines, visible, visibleJson } from '../../src/report/words.ts';

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

test.each([
  ['a\tb\r\nc\n', ['a\tb', 'c', '']],
  ['\u001B[2J\u009B1m\rx', ['\\u{1b}[2J\\u{9b}1m\\rx']],
  ['שלום\u200F \u061C\u200E', ['שלום\u200F \u061C\u200E']],
  ['\u202Ex\u2066', ['\\u{202e}x\\u{2066}']],
  ['    it says that this is long', ['    it says that', 'this is long']],
  ['a\tmuch longer than the terminal', ['a\tmuch longer than the terminal']],
])('an answer on a terminal: %j', (text, lines) => {
  expect(answerLines(text, 16)).toEqual(lines);
});
