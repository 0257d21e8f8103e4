import { expect, test } from '@jest/globals';
import { answerValue, jsonText } from '../../../src/cli/inspect/answer-value.ts';

test.each([
  ['an object', ' {"sum": 1}', { sum: 1 }],
  ['a list', '\n[1]', [1]],
  ['text', 'It says so.', 'It says so.'],
  ['text that is almost JSON', '[1] says so.', '[1] says so.'],
  ['a number, which may be text', '42', '42'],
])('answerValue of %s', (_, answer, value) => {
  expect(answerValue(answer)).toEqual(value);
});

test.each([1000, 100_000])('an answer of %d lists within lists stays text', (levels) => {
  const answer = '['.repeat(levels) + ']'.repeat(levels);
  expect(answerValue(answer)).toBe(answer);
});

test.each([
  ['many digits', '[12345678901234567890]'],
  ['too large a value', '[1e400,-1e400]'],
  ['too many places', '[0.1234567890123456789]'],
  ['zeros at the end', '[1.10,1.0]'],
  ['an exponent', '[1e5,2E-7,1e+21]'],
  ['a minus zero', '[-0]'],
  ['plain ones beside them', '{"a":1.10,"b":7,"c":[2,1e400,3]}'],
  ['plain ones beside digits in strings', String.raw`{"1.10":"2.20 \" 3.30","a":"\\","b":1.10}`],
])('numbers of %s keep their digits', (_, json) => {
  expect(jsonText(answerValue(json))).toBe(json);
});

test('numbers stay with their keys, in whatever order JavaScript has these', () => {
  expect(jsonText(answerValue('{"2": 1.10, "1": 20, "a": 3, "a": 4.0}'))).toBe('{"1":20,"2":1.10,"a":4.0}');
});

test('numbers keep their digits beside a text of millions of escapes', () => {
  const json = `["${String.raw`\n`.repeat(4_000_000)}",1.10]`;
  expect(jsonText(answerValue(json)) === json).toBe(true);
});
