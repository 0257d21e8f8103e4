import { describe, expect, test } from '@jest/globals';
import { joinAtSeam } from '../../../src/llm/conversation/progress.ts';
import { seeded } from '../../support/seeded.ts';
import { randomText } from './random-text.ts';

describe('an answer that was cut, and what goes on with it', () => {
  test.each([
    ['nothing before', '', 'abc', 'abc'],
    ['plainly', 'The quick bro', 'wn fox', 'The quick brown fox'],
    ['the last words once more', 'See the quick brown', 'the quick brown fox', 'See the quick brown fox'],
    ['the last words behind a line break', 'See the quick brown', '\nthe quick brown fox', 'See the quick brown fox'],
    ['a short repetition by chance', 'ha ha ', 'ha ha!', 'ha ha ha ha!'],
    [
      'rows that are alike',
      'a,b\n0,0,0,0,0,0\n0,0,0,0,0,0\n',
      '0,0,0,0,0,0\n1,1\n',
      'a,b\n0,0,0,0,0,0\n0,0,0,0,0,0\n0,0,0,0,0,0\n1,1\n',
    ],
    ['anew', 'The whole answer is', 'The whole answer is 42.', 'The whole answer is 42.'],
    ['a fence that is open already', '```json\n{"a": [1,', '```json\n2]}\n```', '```json\n{"a": [1,2]}\n```'],
    ['a fence amid JSON', '{"a": [1,', '```json\n2]}\n```', '{"a": [1,2]}\n```'],
    ['a closing fence', '```\nabc', '\n```\n', '```\nabc\n```\n'],
  ])('%s', (_name, before, after, joined) => {
    expect(joinAtSeam(before, after)).toBe(joined);
  });

  test('of two beginnings that were cut, the longer stays', () => {
    const beginning = 'x'.repeat(250);
    expect(joinAtSeam(`${beginning} and more`, beginning, true)).toBe(`${beginning} and more`);
    expect(joinAtSeam(beginning, `${beginning} and more`, true)).toBe(`${beginning} and more`);
  });

  test('a table whose heading is repeated loses no row', () => {
    const heading = '| name | amount |\n|---|---|\n';
    expect(joinAtSeam(`${heading}| a | 1 |\n`, `${heading}| b | 2 |\n`)).toContain('| a | 1 |');
  });

  test('random texts cut anywhere, with or without a repetition, are whole again', () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round += 1) {
      const text = randomText(random, 900);
      const at = 300 + Math.floor(random() * 300);
      const repeated = random() < 0.5 ? 0 : 30 + Math.floor(random() * 100);
      expect(joinAtSeam(text.slice(0, at), text.slice(at - repeated))).toBe(text);
    }
  });
});
