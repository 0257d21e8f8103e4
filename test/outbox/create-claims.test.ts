import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createClaims, resultName } from '../../src/outbox/safe-names.ts';
import { makeFolder } from './support.ts';

const namesIn = (folder: string) => {
  const claim = createClaims(folder);
  return (name: string, ending = '.md') => resultName({ name, ending }, 4000, claim);
};

test.each([
  ['case', 'A.txt', 'a.txt'],
  ['Unicode', 'caf\u00e9', 'cafe\u0301'],
])('twins by %s get names of their own, the first one its plain one', (_kind, first, second) => {
  const name = namesIn(makeFolder());
  expect(name(first)).toBe(first);
  expect(name(second)).toMatch(/-[0-9a-f]{8}$/);
  expect([name(first), name(second)]).toEqual([name(first), name(second)]);
});

test('folders that are twins stay apart, each with all that lies in it', () => {
  const name = namesIn(makeFolder());
  expect(name('Q1/x')).toBe('Q1/x');
  expect(name('q1/x')).toMatch(/^q1-[0-9a-f]{8}\/x$/);
  expect(name('q1/y').split('/')[0]).toBe(name('q1/x').split('/')[0]);
});

test('a document and a folder of one name do not take it from each other', () => {
  const name = namesIn(makeFolder());
  expect([name('a'), name('A/x')]).toEqual(['a', 'A/x']);
});

test.each([
  ['A.txt.md', '.md'],
  ['A.txt.md.receipt.json', '.md'],
  ['A.txt.json.receipt.json', '.json'],
  ['A.txt.srt', '.srt'],
  ['A.txt.en.srt.annotations.json', '.en.srt'],
  ['A.txt.md.reasoning.md', '.md'],
  ['A.txt.md.image-2.png', '.md'],
  ['A.txt.error.json', ''],
  ['A.txt.partial.md', ''],
  ['A.txt.error.json', '.error.json'],
])('the next run finds the name claimed by %s', (file, ending) => {
  const folder = makeFolder();
  mkdirSync(join(folder, 'Sub'));
  writeFileSync(join(folder, file), '');
  const name = namesIn(folder);
  expect(name('a.txt', ending)).toMatch(/-[0-9a-f]{8}$/);
  expect(name('A.txt', ending)).toBe('A.txt');
  expect(name('sub/x')).toMatch(/^sub-[0-9a-f]{8}\/x$/);
});
