import { expect, test } from '@jest/globals';
import { isRecord, parseJson } from '../../src/lib/json.ts';

test('JSON is read, and what is none is no error', () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
  expect(parseJson('null')).toBeNull();
  expect(['', '{"a":', '<html>'].map(parseJson)).toEqual([undefined, undefined, undefined]);
});

test('only an object with keys is a record', () => {
  expect([{}, { a: 1 }].map(isRecord)).toEqual([true, true]);
  expect([null, undefined, [], [{ a: 1 }], 'text', 7].some(isRecord)).toBe(false);
});
