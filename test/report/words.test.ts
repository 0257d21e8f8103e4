import { expect, test } from '@jest/globals';
import {
  costInWords,
  counted,
  durationInWords,
  elapsedInWords,
  momentInWords,
  timeInWords,
  wrapped,
} from '../../src/report/words.ts';

test.each([
  [0, '0 s'],
  [0.2, '1 s'],
  [12, '12 s'],
  [60, '1 min'],
  [148.2, '2 min 29 s'],
  [3600, '1 h'],
  [7299, '2 h 1 min'],
  [172_800, '2 days'],
  [3_600_000, '41 days 16 h'],
])('%d seconds are %s', (seconds, words) => {
  expect(durationInWords(seconds)).toBe(words);
});

test.each([
  [0, 0, '$0.00'],
  [0.12345, 0, '$0.1235'],
  [1234.5, 0, '$1,234.50'],
  [0, 1, 'unknown for 1 attempt'],
  [0.5, 2, '$0.5000 and unknown for 2 attempts'],
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
  [9.96, '10 s'],
  [149.3, '2 min 29 s'],
])('what took %d s took %s', (seconds, words) => {
  expect(elapsedInWords(seconds)).toBe(words);
});

/** By the local clock, as the words are. */
const at = (day: number, hour: number, minute: number, second = 0): number =>
  new Date(2026, 3, day, hour, minute, second).getTime();

test.each([
  [at(1, 9, 5), '09:05', '09:05'],
  [at(1, 9, 5, 59), '09:05', '09:06'],
  [at(2, 0, 0), '2026-04-02 00:00', '2026-04-02 00:00'],
])('on the first of April, %d is %s, and as a moment to come %s', (ms, time, moment) => {
  expect([timeInWords(ms, at(1, 17, 0)), momentInWords(ms, at(1, 17, 0))]).toEqual([time, moment]);
});

test('a command of ours is not broken in two', () => {
  expect(wrapped('To try them again: sluice retry --root papers (or not)', 30)).toEqual([
    'To try them again:',
    'sluice retry --root papers (or',
    'not)',
  ]);
  expect(wrapped("see node dist/main.js show 'a b.md' --root 'x' now", 30)).toEqual([
    'see',
    "node dist/main.js show 'a b.md' --root 'x'",
    'now',
  ]);
});
