import { describe, expect, test } from '@jest/globals';
import { inReadingOrder, readingKey } from '../../src/inbox/folder-document.ts';

const ordered = (...names: readonly string[]): readonly string[] =>
  inReadingOrder(names.map((name) => ({ name }))).map(({ name }) => name);

describe('the order of reading', () => {
  test.each([
    ['numbers by their value', ['page-1', 'page-2', 'page-10']],
    ['numbers first', ['1.png', '2.png', '10.png', 'a.png']],
    ['the same number, written otherwise', ['page-01', 'page-1', 'page-2']],
    ['numbers of more digits than a computer counts', [`a${'9'.repeat(40)}`, `a1${'0'.repeat(40)}`]],
    ['numbers longer than names of files', [`a${'9'.repeat(300)}`, `a1${'0'.repeat(300)}`]],
    ['numbers that are nothing', ['a', 'a0', 'a00', 'a1']],
    ['numbers among signs', ['a b', 'a-', 'a0', 'a7', `a1${'0'.repeat(99)}`, 'a:', 'aB']],
    ['numbers behind numbers', ['1-2', '1-10', '01-11', '2-1']],
    ['folder by folder', ['a/1', 'a/2', 'a b', 'b']],
    ['folders by their numbers, too', ['2/9.txt', '10/1.txt']],
    ['capital letters first', ['B', 'a', 'ä']],
  ])('%s', (_, names) => {
    expect(ordered(...names.toReversed())).toEqual(names);
    expect(ordered(...names)).toEqual(names);
  });
});

test.each(['1a'.repeat(2000), '7'.repeat(4000), '0'.repeat(4000), '/1'.repeat(2000)])(
  'the key of a hostile name grows with the name alone',
  (name) => {
    expect(readingKey(name).length).toBeLessThanOrEqual(3 * name.length);
  },
);
