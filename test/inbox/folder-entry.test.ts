import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentRef } from '../../src/domain/document.ts';
import type { InboxEntry } from '../../src/inbox/entry.ts';
import { lookAtFolder, MOST_FILES } from '../../src/inbox/folder-document.ts';
import { walk } from '../../src/inbox/scan.ts';
import { fillFolder } from './folders.ts';
import { asOrdinaryUser, clockMovesOn, makeFolder } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

const told = (): readonly InboxEntry[] => [...walk(root, '', true)];
const documents = (): readonly string[] =>
  told().flatMap((entry) => (entry.kind === 'document' ? [entry.document.id] : []));
const ignored = (): readonly string[] => told().flatMap((entry) => (entry.kind === 'ignored' ? [entry.reason] : []));
const inside = (name: string): string => join(root, 'x.doc', name);
const state = (): unknown => lookAtFolder(root, 'x.doc')?.state;

describe('a folder that is one document', () => {
  test('is told with its folders before them, and after them, among the others', () => {
    fillFolder(root, { 'a.txt': 'a', 'x.doc/1.txt': '1', 'x.doc/deep/2.txt': '22', 'x/1.txt': '1' });
    expect(told().map((entry) => ('document' in entry ? entry.document.id : entry))).toEqual([
      { kind: 'folder', id: '' },
      'a.txt',
      { kind: 'folder', id: 'x' },
      'x/1.txt',
      { kind: 'folder', id: 'x.doc' },
      { kind: 'folder', id: 'x.doc/deep' },
      'x.doc',
    ]);
  });

  test('has the size of its files together, and the latest time of all that is in it', () => {
    fillFolder(root, { 'x.doc/1.txt': '1', 'x.doc/deep/2.txt': '22' });
    for (const name of ['x.doc', 'x.doc/deep/2.txt', 'x.doc/1.txt']) utimesSync(join(root, name), 1e9, 1e9);
    utimesSync(join(root, 'x.doc/deep'), 1.5e9, 1.5e9);
    expect(lookAtFolder(root, 'x.doc')?.document).toMatchObject({ id: 'x.doc', size: 3, mtimeMs: 1.5e12 });
    utimesSync(join(root, 'x.doc/1.txt'), 1.6e9, 1.6e9);
    expect(lookAtFolder(root, 'x.doc')?.document.mtimeMs).toBe(1.6e12);
  });

  test('is in another state where a file in it was replaced by one of the same size and time', async () => {
    fillFolder(root, { 'x.doc/1.txt': '1', 'x.doc/deep/2.txt': '22', 'new.txt': '33' });
    const found = (): DocumentRef | undefined => {
      for (const name of ['new.txt', 'x.doc/1.txt', 'x.doc/deep/2.txt', 'x.doc/deep', 'x.doc'])
        if (existsSync(join(root, name))) utimesSync(join(root, name), 1e9, 1e9);
      return lookAtFolder(root, 'x.doc')?.document;
    };
    const before = found();
    expect(before).toMatchObject({ ctimeMs: expect.any(Number), inode: lstatSync(join(root, 'x.doc')).ino });
    await clockMovesOn(root);
    renameSync(join(root, 'new.txt'), join(root, 'x.doc/deep/2.txt'));
    const after = found();
    expect({ ...after, ctimeMs: 0 }).toEqual({ ...before, ctimeMs: 0 });
    expect(after?.ctimeMs).toBeGreaterThan(before?.ctimeMs ?? Infinity);
  });

  test('has its files in the order of reading', () => {
    fillFolder(root, {
      'x.doc/page-10.txt': '',
      'x.doc/page-9.txt': '',
      'x.doc/b/1': '',
      'x.doc/c': '',
      'x.doc/a': '',
    });
    expect(lookAtFolder(root, 'x.doc')?.files.map(({ name }) => name)).toEqual([
      'a',
      'b/1',
      'c',
      'page-9.txt',
      'page-10.txt',
    ]);
  });

  test('owns another one that lies in it', () => {
    fillFolder(root, { 'y.doc/x.doc/1.txt': '1', 'y.doc/2.txt': '2' });
    expect(documents()).toEqual(['y.doc']);
    expect(lookAtFolder(root, 'y.doc')?.files.map(({ name }) => name)).toEqual(['2.txt', 'x.doc/1.txt']);
  });

  test('leaves out what is ignored, which is counted, and follows no link', () => {
    fillFolder(root, { 'x.doc/1.txt': '1', 'x.doc/.hidden': 'h', 'x.doc/_recipe.md': 'r', 'x.doc/_drafts/1.txt': 'd' });
    symlinkSync('/etc/passwd', join(root, 'x.doc/link'));
    symlinkSync('.', join(root, 'x.doc/loop'));
    execFileSync('mkfifo', [join(root, 'x.doc/pipe')]);
    expect(lookAtFolder(root, 'x.doc')?.files).toMatchObject([{ name: '1.txt', size: 1 }]);
    expect(ignored().toSorted()).toEqual([
      'hidden names',
      'links',
      'links',
      'names that begin with _',
      'names that begin with _',
      'pipes, sockets and devices',
    ]);
  });

  test.each([
    ['page.pdf.crdownload', true],
    ['deep/page.pdf.part', true],
    ['page.tmp/1.txt', true],
    ['~syncthing~page.pdf.tmp', true],
    ['.DS_Store', false],
    ['page.txt~', false],
    ['.hidden', false],
    ['_page.part', false],
    ['_drafts/page.part', false],
  ])('with %s in it is unfinished: %s', (name, unfinished) => {
    fillFolder(root, { 'x.doc/1.txt': '1', [`x.doc/${name}`]: 'x' });
    expect(lookAtFolder(root, 'x.doc')).toMatchObject({ files: [{ name: '1.txt' }], unfinished });
  });

  test('is none without a file', () => {
    mkdirSync(join(root, 'x.doc/deep'), { recursive: true });
    writeFileSync(join(root, 'x.doc/.hidden'), 'h');
    expect(documents()).toEqual([]);
    expect(told().slice(-2)).toEqual([
      { kind: 'gone', id: 'x.doc' },
      { kind: 'ignored', reason: 'folders x.doc without a file' },
    ]);
  });

  test('is a plain file where it is a file, ignored where it is a link, and plain where its name differs', () => {
    fillFolder(root, { 'a.doc': 'a', 'b.DOC/1.txt': '1', 'real/1.txt': '1' });
    symlinkSync('real', join(root, 'c.doc'));
    expect(documents()).toEqual(['a.doc', 'b.DOC/1.txt', 'real/1.txt']);
    expect(ignored()).toEqual(['links']);
  });

  test('is not told in part where a folder in it may not be listed', async () => {
    fillFolder(root, { 'x.doc/1.txt': '1', 'x.doc/closed/2.txt': '2' });
    chmodSync(join(root, 'x.doc/closed'), 0);
    await asOrdinaryUser(() => {
      expect(documents()).toEqual([]);
      expect(ignored()).toEqual(['entries that cannot be read']);
    });
    chmodSync(join(root, 'x.doc/closed'), 0o700);
  });

  test('of very many files is told, and not looked through', () => {
    fillFolder(
      root,
      Object.fromEntries(Array.from({ length: MOST_FILES + 20 }, (_, index) => [`x.doc/${index}`, 'x'])),
    );
    expect(lookAtFolder(root, 'x.doc')?.files).toHaveLength(MOST_FILES + 1);
  });
});

describe('its state', () => {
  test.each<readonly [string, () => void]>([
    ['a file more', () => writeFileSync(inside('new'), '')],
    ['a file less', () => unlinkSync(inside('1'))],
    ['a file by another name', () => renameSync(inside('1'), inside('one'))],
    ['two files that change their names', () => swap('1', '2')],
    ['another file of the same size and time', () => replace('1')],
    ['another time of one that is not the latest', () => utimesSync(inside('1'), 1e9, 1e9 + 1)],
    ['a byte that moves from one file to another', () => moveByte()],
  ])('differs by %s', (_, change) => {
    fillFolder(root, { 'x.doc/1': 'aa', 'x.doc/2': 'bb' });
    for (const name of ['1', '2']) utimesSync(inside(name), 1e9, 1e9);
    const before = state();
    expect(state()).toBe(before);
    change();
    expect(state()).not.toBe(before);
  });

  test('does not differ by what is ignored', () => {
    fillFolder(root, { 'x.doc/1': 'aa' });
    const before = state();
    fillFolder(root, { 'x.doc/.DS_Store': 'x' });
    expect(state()).toBe(before);
    rmSync(inside('1'));
    expect(state()).toBeUndefined();
  });
});

function swap(one: string, other: string): void {
  renameSync(inside(one), inside('between'));
  renameSync(inside(other), inside(one));
  renameSync(inside('between'), inside(other));
}

function replace(name: string): void {
  writeFileSync(inside('other'), 'cc');
  utimesSync(inside('other'), 1e9, 1e9);
  renameSync(inside('other'), inside(name));
}

function moveByte(): void {
  writeFileSync(inside('1'), 'a');
  writeFileSync(inside('2'), 'bbb');
  for (const name of ['1', '2']) utimesSync(inside(name), 1e9, 1e9);
}
