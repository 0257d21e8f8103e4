import { expect, test } from '@jest/globals';
import { ExactNumber, jsonText } from '../../../src/cli/inspect/answer-value.ts';

const VALUE = {
  text: 'a "b"\u001B\uD800',
  numbers: [0, -1.5, 1e21],
  none: null,
  gone: undefined,
  yes: true,
  empty: [{}, []],
  [`"`]: 1,
};

test('jsonText is what JSON.stringify writes', () => {
  expect(jsonText(VALUE)).toBe(JSON.stringify(VALUE));
});

test('jsonText writes exact numbers by their own digits', () => {
  expect(jsonText({ n: [new ExactNumber('1e400')] })).toBe('{"n":[1e400]}');
});
