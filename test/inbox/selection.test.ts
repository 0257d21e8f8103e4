import { expect, test } from '@jest/globals';
import { Selection } from '../../src/inbox/selection.ts';

const IDS = ['a.pdf', 'q1/b.pdf', 'q1/c.txt', 'q1/old/d.pdf', 'x.doc', 'q1/y.doc'];

test.each<readonly [string, readonly string[], readonly string[], readonly string[]]>([
  ['everything without a glob', [], [], IDS],
  ['names in every folder, by a glob without a slash', ['*.pdf'], [], ['a.pdf', 'q1/b.pdf', 'q1/old/d.pdf']],
  ['names in the inbox itself, by one that begins with a slash', ['/*.pdf'], [], ['a.pdf']],
  ['what lies right in a folder', ['q1/*'], [], ['q1/b.pdf', 'q1/c.txt', 'q1/y.doc']],
  ['all below a folder', ['q1/**'], [], ['q1/b.pdf', 'q1/c.txt', 'q1/old/d.pdf', 'q1/y.doc']],
  ['the same by its name and a slash', ['./q1/'], [], ['q1/b.pdf', 'q1/c.txt', 'q1/old/d.pdf', 'q1/y.doc']],
  ['a folder of that name wherever it is', ['old/'], [], ['q1/old/d.pdf']],
  ['what any of several globs matches', ['a.pdf', '*.txt'], [], ['a.pdf', 'q1/c.txt']],
  ['what no glob of --exclude matches', [], ['*.pdf', '*.txt'], ['x.doc', 'q1/y.doc']],
  ['less where --exclude matches too', ['q1/**'], ['old/'], ['q1/b.pdf', 'q1/c.txt', 'q1/y.doc']],
  ['a folder that is one document, by its name', ['x.doc'], [], ['x.doc']],
  ['such folders, by a slash', ['*.doc/'], [], ['x.doc', 'q1/y.doc']],
  ['such a folder, by all that is in it', [], ['x.doc/**', '*.pdf'], ['q1/c.txt', 'q1/y.doc']],
  ['names of several kinds', ['*.{pdf,txt}'], ['[b-d].pdf'], ['a.pdf', 'q1/c.txt']],
  ['nothing where nothing matches', ['*.PDF'], [], []],
])('takes %s', (_, include, exclude, taken) => {
  const selection = new Selection({ include, exclude });
  expect(IDS.filter((id) => selection.counts(id))).toEqual(taken);
});

test('knows which globs matched no document, also where --include leaves out what --exclude matches', () => {
  const selection = new Selection({ include: ['*.txt', 'zzz*'], exclude: ['a.pdf', 'b.pdx', 'x.doc/'] });
  for (const id of IDS) selection.counts(id);
  expect(selection.unmatched).toEqual(["--include 'zzz*'", "--exclude 'b.pdx'"]);
});
