import { expect, test } from '@jest/globals';
import { nearest } from '../../src/options/nearest.ts';

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
