import { expect, test } from '@jest/globals';
import { costInWords, counted, durationInWords, elapsedInWords, momentInWords } from '../../src/report/words.ts';

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [12, '12 s'],
  [99, '99 s'],
  [100, '2 min'],
  [3600, '60 min'],
  [7260, '2 h 1 min'],
])('%d seconds are %s', (seconds, words) => {
  expect(durationInWords(seconds)).toBe(words);
});

test.each([
  [0, 0, '$0.00'],
  [0.12345, 0, '$0.1235'],
  [1234.5, 0, '$1,234.50'],
  [0.00001, 0, 'under $0.0001'],
  [0, 1, 'unknown for 1 attempt'],
  [0.5, 2, '$0.50 and unknown for 2 attempts'],
])('$%d with %d unknown are %s', (costUsd, costUnknownAttempts, words) => {
  expect(costInWords({ costUsd, costUnknownAttempts })).toBe(words);
});

test('one is not many', () => {
  expect([counted(1, 'document'), counted(0, 'document'), counted(1200, 'document')]).toEqual([
    '1 document',
    '0 documents',
    '1,200 documents',
  ]);
});

test.each([
  [0, 'under 0.1 s'],
  [0.04, 'under 0.1 s'],
  [0.44, '0.4 s'],
  [9.96, '10.0 s'],
  [10, '10 s'],
  [125, '3 min'],
])('what took %d s took %s', (seconds, words) => {
  expect(elapsedInWords(seconds)).toBe(words);
});

test.each([
  ['2026-04-01T00:00:00.000Z', '2026-04-01 00:00 UTC'],
  ['2026-03-31T23:59:00.001Z', '2026-04-01 00:00 UTC'],
])('%s is written as %s', (iso, words) => {
  expect(momentInWords(Date.parse(iso))).toBe(words);
});
