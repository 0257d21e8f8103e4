import { expect, test } from '@jest/globals';
import { nearest, numeral, usd } from '../../src/lib/text.ts';

test.each([
  ['retrys', 'retries'],
  ['concurency', 'concurrency'],
  ['model', 'model'],
  ['modle', 'model'],
  ['hgih', 'high'],
  ['xyz', null],
  ['', null],
])('%j is most likely meant to be %j', (word, expected) => {
  expect(nearest(word, ['retries', 'concurrency', 'model', 'retry-delay', 'high'])).toBe(expected);
});

test('how far is too far may be said', () => {
  expect(nearest('concurenzy', ['concurrency'], 2)).toBe('concurrency');
  expect(nearest('concurenzy', ['concurrency'], 1)).toBeNull();
});

const NUMBERS = [0, 0.5, 7, 99.4999, 999.5, 1000, 12_345, 123_456, 1_234_567.8, 10 ** 12];

test.each(NUMBERS)('%d is written as in English', (number) => {
  expect(numeral(number)).toBe(new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(number));
});

test.each([
  [0, '$0.00'],
  [0.000_01, 'under $0.0001'],
  [0.0001, '$0.0001'],
  [0.423, '$0.4230'],
  [0.999_94, '$0.9999'],
  [0.999_96, '$1.00'],
  [1, '$1.00'],
  [28.533_35, '$28.53'],
  [30_641.62, '$30,641.62'],
  [-0.0125, '-$0.0125'],
])('%d US dollars are %s', (amount, words) => {
  expect(usd(amount)).toBe(words);
});
