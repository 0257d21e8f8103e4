import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ReadOutcome } from '../../src/domain/document.ts';
import { lookAtFolder, MOST_FILES } from '../../src/inbox/folder-document.ts';
import { readDocument } from '../../src/inbox/read.ts';
import { fillFolder } from './folders.ts';
import { asOrdinaryUser, makeFolder } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

const inside = (name: string): string => join(root, 'x.doc', name);

function read(maxBytes = 10_000_000): Promise<ReadOutcome> {
  const document = lookAtFolder(root, 'x.doc')?.document ?? { id: 'x.doc', size: 1, mtimeMs: 1 };
  return readDocument({ root, maxBytes }, document);
}

async function versionOf(files: Readonly<Record<string, string>>): Promise<string> {
  rmSync(join(root, 'x.doc'), { recursive: true, force: true });
  fillFolder(join(root, 'x.doc'), files);
  const outcome = await read();
  return outcome.kind === 'read' ? outcome.content.sha256 : outcome.kind;
}

describe('reading a folder that is one document', () => {
  test.each([
    ['small', 'text'],
    ['large', 'text'.repeat(100_000)],
  ])('brings all its %s files, in order, by their paths in it', async (_, text) => {
    fillFolder(root, { 'x.doc/10.txt': text, 'x.doc/9.txt': `${text}9`, 'x.doc/a/1.txt': '', 'x.doc/.hidden': 'h' });
    expect(await read()).toMatchObject({
      kind: 'read',
      content: {
        document: lookAtFolder(root, 'x.doc')?.document,
        files: [
          { name: '9.txt', bytes: Buffer.from(`${text}9`) },
          { name: '10.txt', bytes: Buffer.from(text) },
          { name: 'a/1.txt', bytes: Buffer.from('') },
        ],
      },
    });
  });

  test('its version is what sha256sum makes of it', async () => {
    const version = await versionOf({ 'a b.txt': 'one', 'new\nline': 'two' });
    const lines = execFileSync('sha256sum', ['--zero', 'a b.txt', 'new\nline'], { cwd: join(root, 'x.doc') });
    expect(execFileSync('sha256sum', { input: lines, encoding: 'utf8' })).toMatch(version);
  });

  test('no two different ones have the same version', async () => {
    const different = [
      { a: 'b', c: 'd' },
      { a: 'bc', d: '' },
      { a: 'b' },
      { ab: 'b' },
      { c: 'd', a: 'bd' },
      { a: 'd', c: 'b' },
      { 'a/c': 'd' },
      { 'a\nc': 'd' },
    ];
    const versions = [];
    for (const files of different) versions.push(await versionOf(files));
    expect(new Set(versions).size).toBe(different.length);
    expect(await versionOf({ c: 'd', a: 'b' })).toBe(versions[0]);
  });

  test('refuses one whose files are all empty, with its version', async () => {
    fillFolder(root, { 'x.doc/1.txt': '', 'x.doc/2.txt': '' });
    expect(await read()).toMatchObject({ kind: 'refused', code: 'empty', sha256: expect.stringMatching(/^.{64}$/) });
  });

  test('refuses before it reads what is too large together', async () => {
    fillFolder(root, { 'x.doc/1.txt': 'abc', 'x.doc/2.txt': 'def' });
    expect((await read(6)).kind).toBe('read');
    chmodSync(inside('1.txt'), 0);
    expect(await asOrdinaryUser(() => read(5))).toMatchObject({ kind: 'refused', code: 'too-large', sha256: null });
  });

  test('takes a thousand files, and refuses one more', async () => {
    fillFolder(join(root, 'x.doc'), Object.fromEntries(Array.from({ length: MOST_FILES }, (_, index) => [index, 'x'])));
    expect(await read()).toMatchObject({ kind: 'read', content: { files: { length: MOST_FILES } } });
    writeFileSync(inside('more'), 'x');
    expect(await read()).toMatchObject({ code: 'too-many-files', reason: expect.stringMatching(/1000 files/) });
  });

  test('refuses one with a file that it may not read', async () => {
    fillFolder(root, { 'x.doc/1.txt': 'abc', 'x.doc/2.txt': 'def' });
    chmodSync(inside('2.txt'), 0);
    expect(await asOrdinaryUser(() => read())).toMatchObject({ kind: 'refused', code: 'unreadable' });
  });

  test('refuses one on whose path a folder became a link', async () => {
    fillFolder(root, { 'real/x.doc/1.txt': 'abc' });
    symlinkSync('real', join(root, 'q1'));
    const document = { ...lookAtFolder(root, 'real/x.doc')?.document, id: 'q1/x.doc', size: 3, mtimeMs: 1 };
    expect(await readDocument({ root, maxBytes: 100 }, document)).toMatchObject({ kind: 'refused', code: 'link' });
  });

  test('a folder of any other name is no document', async () => {
    mkdirSync(join(root, 'x.docs'));
    const outcome = await readDocument({ root, maxBytes: 100 }, { id: 'x.docs', size: 1, mtimeMs: 1 });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'not-a-file' });
  });
});

describe('a folder that changed', () => {
  test('is gone where it vanished', async () => {
    expect(await read()).toEqual({ kind: 'gone' });
  });

  test.each<readonly [string, () => void]>([
    ['a file came', () => writeFileSync(inside('3.txt'), '')],
    ['a file went', () => rmSync(inside('2.txt'))],
    ['the files went', () => ['1.txt', '2.txt'].forEach((name) => rmSync(inside(name)))],
    ['a file grew', () => appendFileSync(inside('1.txt'), 'more')],
    ['it became a file', () => replaceByFile()],
  ])('is overtaken where %s since it was found', async (_, change) => {
    fillFolder(root, { 'x.doc/1.txt': 'one', 'x.doc/2.txt': 'two' });
    utimesSync(join(root, 'x.doc'), 1e9, 1e9);
    const document = lookAtFolder(root, 'x.doc')?.document ?? { id: '', size: 0, mtimeMs: 0 };
    change();
    expect(await readDocument({ root, maxBytes: 100 }, document)).toMatchObject({ kind: 'overtaken' });
  });

  test.each<readonly [string, () => void]>([
    ['a file comes', () => writeFileSync(inside('3.txt'), '')],
    ['a file that was read goes', () => rmSync(inside('1.txt'))],
    ['a file that is to be read goes', () => rmSync(inside('2.txt'))],
    ['a file that was read gets other bytes', () => writeFileSync(inside('1.txt'), 'ONE'.repeat(100_000))],
    ['a file that is to be read grows', () => appendFileSync(inside('2.txt'), 'more')],
    ['a file that is to be read is cut', () => truncateSync(inside('2.txt'), 1)],
    ['a file becomes a link', () => replaceByLink('2.txt')],
    ['a folder becomes a link', () => replaceByLink('deep')],
    ['two files change their names', () => swap()],
    ['a file gets a folder’s place', () => replaceByFolder()],
  ])('is overtaken where %s while it is read', async (_, change) => {
    const text = 'one'.repeat(100_000);
    fillFolder(root, { 'x.doc/1.txt': text, 'x.doc/2.txt': text, 'x.doc/deep/3.txt': text });
    const reading = read();
    change();
    expect(await reading).toMatchObject({ kind: 'overtaken' });
  });

  test('is gone where it goes while it is read', async () => {
    const text = 'one'.repeat(100_000);
    fillFolder(root, { 'x.doc/1.txt': text, 'x.doc/2.txt': text });
    const reading = read();
    rmSync(join(root, 'x.doc'), { recursive: true });
    expect(await reading).toEqual({ kind: 'gone' });
  });
});

function replaceByFile(): void {
  renameSync(join(root, 'x.doc'), join(root, 'y'));
  writeFileSync(join(root, 'x.doc'), 'text');
}

function replaceByLink(name: string): void {
  renameSync(inside(name), join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), inside(name));
  expect(lstatSync(inside(name)).isSymbolicLink()).toBe(true);
}

function swap(): void {
  renameSync(inside('1.txt'), inside('between'));
  renameSync(inside('2.txt'), inside('1.txt'));
  renameSync(inside('between'), inside('2.txt'));
}

function replaceByFolder(): void {
  rmSync(inside('2.txt'));
  mkdirSync(inside('2.txt'));
}
