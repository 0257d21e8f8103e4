import { expect, test } from '@jest/globals';
import { ExactNumber, numberOf } from '../../../src/cli/inspect/answer-value.ts';

test.each(['0', '-1', '1.5', '9007199254740991', '1e+21'])('numberOf %s is a number', (token) => {
  expect(numberOf(token)).toBe(Number(token));
});

test.each(['9007199254740993', '1e400', '1.10', '-0', '1e21'])('numberOf %s is exact, and has its digits', (token) => {
  const number = numberOf(token);
  expect(number).toBeInstanceOf(ExactNumber);
  expect(String(number)).toBe(token);
  expect(Object.keys(number)).toEqual([]);
});
