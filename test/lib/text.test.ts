import { expect, test } from '@jest/globals';
import { dollars, nearest, numeral } from '../../src/lib/text.ts';

test.each([
  ['retrys', 'retries'],
  ['concurency', 'concurrency'],
  ['model', 'model'],
  ['modle', 'model'],
  ['xyz', null],
  ['', null],
])('%j is most likely meant to be %j', (word, expected) => {
  expect(nearest(word, ['retries', 'concurrency', 'model', 'retry-delay'])).toBe(expected);
});

test('how far is too far may be said', () => {
  expect(nearest('concurenzy', ['concurrency'], 2)).toBe('concurrency');
  expect(nearest('concurenzy', ['concurrency'], 1)).toBeNull();
});

const NUMBERS = [0, 0.5, 7, 99.4999, 999.5, 1000, 12_345, 123_456, 1_234_567.8, 10 ** 12];

test.each(NUMBERS)('%d is written as in English', (number) => {
  expect(numeral(number)).toBe(new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(number));
});

const AMOUNTS = [...NUMBERS, -5, -0.0125, 0.0001, 0.00035, 0.0125, 0.04045, 0.1, 1.1, 1.999_96, 28.53335, 30_641.62415];

test.each(AMOUNTS)(
  '%d US dollars are written as in English, with hundredths of cents where there are some',
  (amount) => {
    const style = { style: 'currency', currency: 'USD', maximumFractionDigits: 4 } as const;
    expect(dollars(amount)).toBe(new Intl.NumberFormat('en-US', style).format(amount));
  },
);
