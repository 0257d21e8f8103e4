import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentRef } from '../../src/domain/document.ts';
import { PathError } from '../../src/domain/errors.ts';
import { versionOf } from '../../src/inbox/archive.ts';
import { lookAtFolder } from '../../src/inbox/folder-document.ts';
import { returnClaims } from '../../src/inbox/release.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { contents, fillFolder } from './folders.ts';
import { interceptedDisk, releasedTo, systemError } from './release.ts';
import { makeFolder } from './support.ts';

type After = 'archive' | 'delete';

interface Found {
  readonly document: DocumentRef;
  readonly sha256: string;
}

const ID = 'q1/x.doc';
const FILES = { '1.txt': 'first', '2.txt': 'second', 'deep/3.txt': 'third' };
const LISTED = { '1.txt': 'first', '2.txt': 'second', 'deep/': '', 'deep/3.txt': 'third' };

let root: string;
let archive: string;

beforeEach(async () => {
  const home = await makeFolder();
  root = join(home, 'inbox');
  archive = join(home, 'archive');
  mkdirSync(root);
});

const inside = (name: string): string => join(root, ID, name);

/** As it would be found and read now. */
async function find(): Promise<Found> {
  const document = lookAtFolder(root, ID)?.document;
  const sha256 = await versionOf(realDisk, join(root, ID));
  if (document === undefined || sha256 === null) throw new Error('there is none');
  return { document, sha256 };
}

function drop(files: Readonly<Record<string, string>> = FILES): Promise<Found> {
  fillFolder(join(root, ID), files);
  return find();
}

function release(after: After, found: Found, disk: Disk = realDisk): Promise<string | null | undefined> {
  return releasedTo({ root, archive, disk }, { ...found, after });
}

/** What lies in the folder of a document below the inbox or the archive. */
const held = (place: string, id = ID): Readonly<Record<string, string>> => contents(join(place, id));

describe('a folder that is done', () => {
  test('moves to the archive as the very folder that it was, with what is ignored in it', async () => {
    const found = await drop();
    fillFolder(join(root, ID), { '.hidden': 'h', '_notes/a': 'n' });
    const { ino } = statSync(join(root, ID));
    expect(await release('archive', { ...(await find()), sha256: found.sha256 })).toBe(ID);
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(held(archive)).toEqual({ ...LISTED, '.hidden': 'h', '_notes/': '', '_notes/a': 'n' });
    expect(statSync(join(archive, ID)).ino).toBe(ino);
  });

  test('is deleted with "delete", with its folders', async () => {
    expect(await release('delete', await drop())).toBeNull();
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(contents(archive)).toEqual({});
  });

  test('is deleted, and what is ignored in it stays where it is', async () => {
    fillFolder(join(root, ID), { '.hidden': 'h', 'deep/_notes': 'n' });
    expect(await release('delete', await drop())).toBeNull();
    expect(contents(root)).toEqual({
      'q1/': '',
      'q1/x.doc/': '',
      'q1/x.doc/.hidden': 'h',
      'q1/x.doc/deep/': '',
      'q1/x.doc/deep/_notes': 'n',
    });
    expect(lookAtFolder(root, ID)).toBeUndefined();
  });
});

describe('an archive that has the name already', () => {
  test('keeps the older version, and the newer one gets its digits; the same is kept once', async () => {
    for (let time = 0; time < 2; time += 1) expect(await release('archive', await drop())).toBe(ID);
    for (let time = 0; time < 2; time += 1) {
      const newer = await drop({ '1.txt': 'newer' });
      expect(await release('archive', newer)).toBe(`q1/x-${newer.sha256.slice(0, 8)}.doc`);
    }
    expect(readdirSync(join(archive, 'q1'))).toHaveLength(2);
    expect(held(archive)).toEqual(LISTED);
    expect(contents(root)).toEqual({ 'q1/': '' });
  });

  test.each<readonly [string, () => void]>([
    ['a file', () => writeFileSync(join(archive, ID), 'mine')],
    ['an empty folder', () => mkdirSync(join(archive, ID))],
    ['a folder of other things', () => fillFolder(join(archive, ID), { '.hidden': 'mine' })],
  ])('for %s leaves that alone', async (_, make) => {
    mkdirSync(join(archive, 'q1'), { recursive: true });
    make();
    const before = contents(archive);
    expect(await release('archive', await drop())).toMatch(/^q1\/x-[0-9a-f]{8}\.doc$/);
    expect(contents(archive)).toMatchObject(before);
  });

  test('twice over refuses, in words, and the input stays', async () => {
    const found = await drop();
    for (const name of ['x', `x-${found.sha256.slice(0, 8)}`]) fillFolder(join(archive, `q1/${name}.doc`), { a: 'b' });
    const releasing = release('archive', found);
    await expect(releasing).rejects.toThrow(PathError);
    await expect(releasing).rejects.toThrow('Move one of them away');
    expect(contents(root)).toEqual({ 'q1/': '', 'q1/x.doc/': '', ...under(ID, LISTED) });
  });
});

const changes: readonly (readonly [string, () => void])[] = [
  ['with a file more', () => writeFileSync(inside('new.txt'), '')],
  ['with a file less', () => renameSync(inside('2.txt'), join(root, 'mine.txt'))],
  ['with other bytes of the same size and time', () => rewrite()],
  ['that is a file now', () => replaceByFile()],
];

function rewrite(): void {
  const { atime, mtime } = statSync(inside('1.txt'));
  writeFileSync(inside('1.txt'), 'FIRST');
  utimesSync(inside('1.txt'), atime, mtime);
}

function replaceByFile(): void {
  renameSync(join(root, ID), join(root, 'y'));
  writeFileSync(join(root, ID), 'text');
}

describe.each(['archive', 'delete'] as const)('what is not the folder that was read stays, with "%s"', (after) => {
  test.each(changes)('one %s', async (_, change) => {
    const found = await drop();
    change();
    const before = contents(root);
    expect(await release(after, found)).toBeUndefined();
    expect(contents(root)).toEqual(before);
    expect(contents(archive)).toEqual({});
  });

  test.each(changes)('one %s, at the very last moment', async (_, change) => {
    const found = await drop();
    let before: unknown;
    const disk = interceptedDisk({
      before: (call) => {
        if (call !== 'rename' || before !== undefined) return;
        change();
        before = withoutClaims(contents(root));
      },
    });
    expect(await release(after, found, disk)).toBeUndefined();
    expect(contents(root)).toEqual(before);
    expect(contents(archive)).toEqual({});
  });

  test('another, and a newer one that came when it was taken: both stay', async () => {
    const found = await drop();
    let times = 0;
    const disk = interceptedDisk({
      before: (call) => {
        times += call === 'rename' ? 1 : 0;
        if (call === 'rename' && times === 1) writeFileSync(inside('new.txt'), 'new');
      },
      after: (call) => {
        if (call === 'rename' && times === 1) fillFolder(join(root, ID), { '1.txt': 'newest' });
      },
    });
    expect(await release(after, found, disk)).toBeUndefined();
    expect(held(root)).toEqual({ '1.txt': 'newest' });
    const other = readdirSync(join(root, 'q1')).find((name) => name !== 'x.doc');
    expect(held(root, `q1/${other}`)).toEqual({ ...LISTED, 'new.txt': 'new' });
  });

  test('a newer one that comes while it leaves', async () => {
    const found = await drop();
    const disk = interceptedDisk({
      after: (call) => {
        if (call === 'rename' && !existsSync(join(root, ID))) fillFolder(join(root, ID), { '1.txt': 'newer' });
      },
    });
    expect(await release(after, found, disk)).toBe(after === 'archive' ? ID : null);
    expect(held(root)).toEqual({ '1.txt': 'newer' });
  });
});

function withoutClaims(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('.sluice-leaving-')));
}

function under(folder: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

test('across file systems it is copied with the times of its files, and what is ignored stays', async () => {
  const disk = mountDisk('size=1m');
  if (disk === null) return;
  archive = join(disk, 'archive');
  await drop();
  fillFolder(join(root, ID), { '.hidden': 'h' });
  utimesSync(inside('deep/3.txt'), 1e9, 1e9);
  expect(await release('archive', await find())).toBe(ID);
  expect(contents(root)).toEqual({ 'q1/': '', 'q1/x.doc/': '', 'q1/x.doc/.hidden': 'h' });
  expect(contents(archive)).toEqual({
    '.sluice-arriving/': '',
    'q1/': '',
    'q1/x.doc/': '',
    ...under(ID, LISTED),
  });
  expect(statSync(join(archive, ID, 'deep/3.txt')).mtimeMs).toBe(1e12);
});

test('a folder that may not be moved refuses in words, and stays', async () => {
  const found = await drop();
  for (const folder of [root, join(root, 'q1'), join(root, ID)]) chmodSync(folder, 0o777);
  chmodSync(join(root, 'q1'), 0o555);
  if (process.getuid?.() === 0) process.seteuid?.(65_534);
  const releasing = release('archive', found).finally(() => process.getuid?.() === 0 && process.seteuid?.(0));
  await expect(releasing).rejects.toThrow('could not leave the inbox: Permission denied');
  expect(held(root)).toEqual(LISTED);
});

/** How a folder leaves: deleted, archived, by a copy, and where the archive has it already. */
const manners: readonly (readonly [string, After, 'across' | 'twice' | null])[] = [
  ['deleted', 'delete', null],
  ['archived', 'archive', null],
  ['archived across file systems', 'archive', 'across'],
  ['archived for the second time', 'archive', 'twice'],
];

describe.each(manners)('%s: whatever dies or fails when', (_, after, manner) => {
  /** A disk on which a call fails, from the first on where `forGood`. */
  function failing(at: number, code: string, forGood: boolean, count: () => void = () => undefined): Disk {
    let made = 0;
    return interceptedDisk({
      before: (call, from, to) => {
        count();
        made += 1;
        if (made === at || (forGood && made > at)) throw systemError(code);
        if (manner === 'across' && ['link', 'rename'].includes(call) && from.startsWith(root) && to.startsWith(archive))
          throw systemError('EXDEV');
      },
    });
  }

  async function prepare(): Promise<Found> {
    for (const folder of [root, archive]) await rm(folder, { recursive: true, force: true });
    mkdirSync(root);
    if (manner === 'twice') await release('archive', await drop());
    return drop();
  }

  async function calls(): Promise<number> {
    let made = 0;
    await release(
      after,
      await prepare(),
      failing(Number.POSITIVE_INFINITY, '', false, () => (made += 1)),
    );
    return made;
  }

  /** Nothing is in parts: where it is, it is whole; and where it is nowhere, it was deleted, as it was to be. */
  function expectWhole(outcome: string | null | undefined): void {
    const here = held(root);
    const there = held(archive);
    for (const place of [here, there]) expect([LISTED, {}]).toContainEqual(place);
    expect(readdirSync(join(root, 'q1')).filter((name) => name !== 'x.doc')).toEqual([]);
    expect([...Object.keys(contents(root)), ...Object.keys(contents(archive))].join()).not.toContain('.sluice');
    const isSomewhere = Object.keys({ ...here, ...there }).length > 0;
    expect(isSomewhere || after === 'delete').toBe(true);
    expect(outcome === null || outcome === ID ? here : {}).toEqual({});
  }

  test('a process that is killed at any call leaves it whole, or gone', async () => {
    const last = await calls();
    expect(last).toBeGreaterThan(4);
    for (let at = 1; at <= last; at += 1) {
      const found = await prepare();
      const outcome = await release(after, found, failing(at, 'KILLED', true)).catch(() => undefined);
      await returnClaims({ root, archive, disk: realDisk });
      expectWhole(outcome);
      if (existsSync(join(root, ID))) await release(after, await find());
      expectWhole(after === 'archive' ? ID : null);
    }
  });

  test.each(['EIO', 'EACCES'])('one call that fails with %s is told, and loses nothing', async (code) => {
    const last = await calls();
    for (let at = 1; at <= last; at += 1) {
      const found = await prepare();
      const outcome = await release(after, found, failing(at, code, false)).catch((error: unknown) => error);
      const told = outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : 'DiskError: The input';
      expect(told).toMatch(/^(Disk|Path)Error: The input/);
      await returnClaims({ root, archive, disk: realDisk });
      expectWhole(undefined);
    }
  });
});
