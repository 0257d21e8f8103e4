import { expect, test } from '@jest/globals';
import { nearest } from '../../src/lib/text.ts';

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
