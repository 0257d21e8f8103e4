import { expect, test } from '@jest/globals';
import { chooseForTrial } from '../../src/pipeline/trial-choice.ts';
import { newWorkItem } from '../../src/pipeline/work-item.ts';

function chosen(most: number, ids: readonly string[]): readonly string[] {
  const items = ids.map((id) => newWorkItem({ id, size: 1, mtimeMs: 0 }));
  return chooseForTrial(items, most).map(({ document }) => document.id);
}

const FIRST = 'misc/deep/er/a.md';
const deep = [FIRST, 'misc/deep/er/b.md', 'misc/deep/er/c.md', 'misc/deep/er/d.md'];

test.each<readonly [string, number, readonly string[], readonly string[]]>([
  [
    'one of each folder and type',
    5,
    [...deep, 'pdf/a.pdf', 'q1/a.md', 'q2/a.md', 'q3/a.md'],
    ['misc/deep/er/a.md', 'pdf/a.pdf', 'q1/a.md', 'q2/a.md', 'q3/a.md'],
  ],
  ['a type more before a document more of a folder', 2, [...deep, 'misc/deep/er/z.PDF'], [FIRST, 'misc/deep/er/z.PDF']],
  [
    'types of all folders, not of the first alone',
    3,
    ['a/1.md', 'a/2.pdf', 'a/3.txt', 'b/1.png'],
    ['a/1.md', 'a/2.pdf', 'b/1.png'],
  ],
  ['the first in order where all are alike', 2, deep, deep.slice(0, 2)],
  [
    'a folder and type that are new only together',
    3,
    ['a/1.md', 'a/2.md', 'b/1.pdf', 'b/2.md'],
    ['a/1.md', 'b/1.pdf', 'b/2.md'],
  ],
  ['all where there are no more', 5, ['no-type', 'b/no-type', '.x/a.md'], ['no-type', 'b/no-type', '.x/a.md']],
  ['a folder that is one document for a type of its own', 2, ['a.md', 'b.md', 'x.doc'], ['a.md', 'x.doc']],
])('a trial takes %s', (_, most, ids, expected) => {
  expect(chosen(most, ids)).toEqual(expected);
});
