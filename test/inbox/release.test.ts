import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentRef } from '../../src/domain/document.ts';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { returnClaims } from '../../src/inbox/release.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { contents } from './folders.ts';
import { interceptedDisk, refer, releasedTo, systemError } from './release.ts';
import { makeFolder, writeOld } from './support.ts';

type After = 'archive' | 'delete';

const TEXT = 'the first version';
const NEWER = 'a newer version!!';

let root: string;
let archive: string;

const sha256 = (text: string): string => hash('sha256', text);
const place = (id: string): string => join(root, id);

function release(
  after: After,
  document: DocumentRef,
  disk: Disk = realDisk,
  text = TEXT,
): Promise<string | null | undefined> {
  return releasedTo({ root, archive, disk }, { document, sha256: sha256(text), after });
}

async function drop(id: string, text = TEXT): Promise<DocumentRef> {
  mkdirSync(join(place(id), '..'), { recursive: true });
  await writeOld(place(id), text);
  return refer(root, id);
}

beforeEach(async () => {
  const home = await makeFolder();
  root = join(home, 'inbox');
  archive = join(home, 'archive');
  mkdirSync(root);
});

describe('a document that is done', () => {
  test('is deleted with "delete", and an empty folder stays: a person made it', async () => {
    expect(await release('delete', await drop('q1/a.txt'))).toBeNull();
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(contents(archive)).toEqual({});
  });

  test('moves to its path below the archive with "archive", as the very file that it was', async () => {
    const document = await drop('q1/a.txt');
    const { ino } = statSync(place('q1/a.txt'));
    expect(await release('archive', document)).toBe('q1/a.txt');
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(contents(archive)).toEqual({ 'q1/': '', 'q1/a.txt': TEXT });
    expect(statSync(join(archive, 'q1/a.txt'))).toMatchObject({ ino, nlink: 1, mtimeMs: document.mtimeMs });
  });

  test.each(['x'.repeat(255), 'new\nline', '-rf', 'ünï 😀.txt'])('leaves under any name: %j', async (id) => {
    expect(await release('archive', await drop(id))).toBe(id);
    expect(contents(root)).toEqual({});
    expect(contents(archive)).toEqual({ [id]: TEXT });
  });

  test('is moved without being read', async () => {
    const disk = interceptedDisk({
      before: (call) => {
        if (call === 'readFile' || call === 'copyFile') throw systemError('EIO');
      },
    });
    expect(await release('archive', await drop('a.txt'), disk)).toBe('a.txt');
  });

  test('leaves a hundred at a time', async () => {
    const documents = await Promise.all(Array.from({ length: 100 }, (_, index) => drop(`${index % 3}/${index}`)));
    const released = await Promise.all(documents.map((document) => release('archive', document)));
    expect(released).toEqual(documents.map(({ id }) => id));
    expect(Object.keys(contents(root))).toEqual(expect.arrayContaining(['0/', '1/', '2/']));
    expect(Object.keys(contents(root))).toHaveLength(3);
    expect(Object.values(contents(archive)).filter((text) => text === TEXT)).toHaveLength(100);
  });
});

describe('an archive that has the name already', () => {
  test('keeps the older version, and the newer one gets its digits', async () => {
    await release('archive', await drop('a.txt'));
    const digits = sha256(NEWER).slice(0, 8);
    expect(await release('archive', await drop('a.txt', NEWER), realDisk, NEWER)).toBe(`a-${digits}.txt`);
    expect(contents(archive)).toEqual({ 'a.txt': TEXT, [`a-${digits}.txt`]: NEWER });
    expect(contents(root)).toEqual({});
  });

  test('needs the same bytes once only', async () => {
    for (let time = 0; time < 2; time += 1) expect(await release('archive', await drop('a.txt'))).toBe('a.txt');
    for (let time = 0; time < 2; time += 1)
      expect(await release('archive', await drop('a.txt', NEWER), realDisk, NEWER)).toMatch(/^a-/);
    expect(Object.keys(contents(archive))).toHaveLength(2);
    expect(contents(root)).toEqual({});
  });

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a dangling link', (path: string) => symlinkSync('nowhere', path)],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ])('for %s gives the document its digits', async (_, make) => {
    mkdirSync(archive);
    make(join(archive, 'a.txt'));
    expect(await release('archive', await drop('a.txt'))).toMatch(/^a-[0-9a-f]{8}\.txt$/);
  });

  test('twice over refuses, in words, and the input stays', async () => {
    mkdirSync(archive);
    for (const name of ['a.txt', `a-${sha256(TEXT).slice(0, 8)}.txt`]) writeFileSync(join(archive, name), 'other');
    const releasing = release('archive', await drop('a.txt'));
    await expect(releasing).rejects.toThrow(PathError);
    await expect(releasing).rejects.toThrow('Move one of them away');
    expect(contents(root)).toEqual({ 'a.txt': TEXT });
  });

  test('for a file where a folder belongs refuses, in words, and the input stays', async () => {
    mkdirSync(archive);
    writeFileSync(join(archive, 'q1'), 'other');
    const releasing = release('archive', await drop('q1/a.txt'));
    await expect(releasing).rejects.toThrow(PathError);
    await expect(releasing).rejects.toThrow('A file stands where a folder above it belongs');
    expect(contents(root)).toEqual({ 'q1/': '', 'q1/a.txt': TEXT });
  });
});

const replacements: readonly [string, () => void][] = [
  ['another size', () => writeFileSync(place('a.txt'), 'other')],
  ['another mtime, to the fraction', () => utimesSync(place('a.txt'), 1_000_000_000, 1_000_000_000.25)],
  ['another file by rename', () => replaceByRename()],
  ['a link', () => replaceByLink()],
];

function replaceByRename(): void {
  writeFileSync(place('.new'), NEWER);
  renameSync(place('.new'), place('a.txt'));
}

function replaceByLink(): void {
  renameSync(place('a.txt'), join(root, '../elsewhere'));
  symlinkSync(join(root, '../elsewhere'), place('a.txt'));
}

describe.each(['archive', 'delete'] as const)('what is not the file that was read stays, with "%s"', (after) => {
  test.each(replacements)('%s', async (_, replace) => {
    const document = await drop('a.txt');
    replace();
    const before = contents(root);
    expect(await release(after, document)).toBeUndefined();
    expect(contents(root)).toEqual(before);
    expect(contents(archive)).toEqual({});
  });

  test.each([...replacements, ['a folder with something in it', () => replaceByFolder()] as const])(
    '%s, at the very last moment',
    async (_, replace) => {
      const document = await drop('a.txt');
      let before: unknown;
      const disk = interceptedDisk({
        before: (call) => {
          if (call !== 'rename' || before !== undefined) return;
          replace();
          before = withoutClaims(contents(root));
        },
      });
      expect(await release(after, document, disk)).toBeUndefined();
      expect(contents(root)).toEqual(before);
      expect(contents(archive)).toEqual({});
    },
  );

  test('another at the last moment, and a newer one when it was taken: both stay', async () => {
    const document = await drop('a.txt');
    let times = 0;
    const disk = interceptedDisk({
      before: (call) => {
        times += call === 'rename' ? 1 : 0;
        if (call === 'rename' && times === 1) replaceByRename();
      },
      after: (call) => {
        if (call === 'rename' && times === 1) writeFileSync(place('a.txt'), 'the newest');
      },
    });
    expect(await release(after, document, disk)).toBeUndefined();
    expect(contents(root)).toEqual({ 'a.txt': 'the newest', [`a-${sha256(NEWER).slice(0, 8)}.txt`]: NEWER });
  });

  test('nothing, where it went by itself', async () => {
    const document = await drop('q1/a.txt');
    await rm(place('q1'), { recursive: true });
    expect(await release(after, document)).toBeUndefined();
    const again = await drop('q1/a.txt');
    const disk = interceptedDisk({
      before: (call) => {
        if (call === 'rename') renameSync(place('q1/a.txt'), place('mine.txt'));
      },
    });
    expect(await release(after, again, disk)).toBeUndefined();
    expect(contents(root)).toEqual({ 'mine.txt': TEXT, 'q1/': '' });
  });

  test('what lies behind a folder that became a link', async () => {
    const document = await drop('q1/a.txt');
    renameSync(place('q1'), join(root, '../q1'));
    symlinkSync(join(root, '../q1'), place('q1'));
    expect(await release(after, document)).toBeUndefined();
    expect(existsSync(join(root, '../q1/a.txt'))).toBe(true);
  });

  test('a newer file that comes while it leaves', async () => {
    const document = await drop('a.txt');
    const disk = interceptedDisk({
      after: (call) => {
        if (call === 'rename') writeFileSync(place('a.txt'), NEWER);
      },
    });
    expect(await release(after, document, disk)).toBe(after === 'archive' ? 'a.txt' : null);
    expect(contents(root)).toEqual({ 'a.txt': NEWER });
  });
});

function replaceByFolder(): void {
  renameSync(place('a.txt'), place('b.txt'));
  mkdirSync(place('a.txt'));
  writeFileSync(place('a.txt/inside'), NEWER);
}

function withoutClaims(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('.sluice-leaving-')));
}

test.each(['delete', 'archive'] as const)(
  'with %p the same size and time do not do: other bytes stay',
  async (after) => {
    const document = await drop('a.txt');
    await drop('a.txt', NEWER);
    expect(refer(root, 'a.txt')).toMatchObject({ size: document.size, mtimeMs: document.mtimeMs });
    expect(await release(after, document)).toBeUndefined();
    await drop('b.txt', NEWER);
    renameSync(place('b.txt'), place('a.txt'));
    expect(await release(after, document)).toBeUndefined();
    expect(contents(root)).toEqual({ 'a.txt': NEWER });
    expect(contents(archive)).toEqual({});
  },
);

test('a file that was only linked, or got another inode, leaves: its bytes are as they were', async () => {
  const linked = await drop('a.txt');
  linkSync(place('a.txt'), join(archive, '../another name'));
  expect(await release('archive', linked)).toBe('a.txt');
  const onNetwork = { ...(await drop('b.txt')), inode: 1 };
  expect(await release('archive', onNetwork)).toBe('b.txt');
  expect(contents(root)).toEqual({});
});

describe('where a file may have one name only', () => {
  test.each(['EPERM', 'ENOTSUP', 'EMLINK'])('it is renamed all the same (%s)', async (code) => {
    expect(
      await release(
        'archive',
        await drop('q1/a.txt'),
        interceptedDisk({ before: (...call) => refuseLink(code, ...call) }),
      ),
    ).toBe('q1/a.txt');
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(contents(archive)).toEqual({ 'q1/': '', 'q1/a.txt': TEXT });
  });

  test('nothing is overwritten', async () => {
    const disk = interceptedDisk({ before: (...call) => refuseLink('EPERM', ...call) });
    await release('archive', await drop('a.txt'), disk);
    expect(await release('archive', await drop('a.txt', NEWER), disk, NEWER)).toMatch(/^a-/);
    expect(Object.values(contents(archive)).toSorted()).toEqual([NEWER, TEXT].toSorted());
  });
});

describe('across file systems', () => {
  test('it is copied with its time, and nothing else is left', async () => {
    const disk = mountDisk('size=1m');
    if (disk === null) return;
    archive = join(disk, 'archive');
    const document = await drop('q1/a.txt');
    expect(await release('archive', document)).toBe('q1/a.txt');
    expect(contents(root)).toEqual({ 'q1/': '' });
    expect(contents(archive)).toEqual({ '.sluice-arriving/': '', 'q1/': '', 'q1/a.txt': TEXT });
    const { size, mtimeMs } = document;
    expect(refer(archive, 'q1/a.txt')).toMatchObject({ size, mtimeMs });
  });

  test('a full archive refuses, and the input stays', async () => {
    const disk = mountDisk('size=64k');
    if (disk === null) return;
    archive = join(disk, 'archive');
    const text = 'x'.repeat(100_000);
    const releasing = release('archive', await drop('a.txt', text), realDisk, text);
    await expect(releasing).rejects.toThrow(DiskError);
    await expect(releasing).rejects.toThrow('The disk is full');
    expect(contents(root)).toEqual({ 'a.txt': text });
    expect(contents(archive)).toEqual({ '.sluice-arriving/': '' });
  });

  test('a copy that is not like the input is no archive of it', async () => {
    const disk = interceptedDisk({
      before: (...call) => refuseLink('EXDEV', ...call),
      after: (call) => {
        if (call !== 'utimes') return;
        const [copying = ''] = readdirSync(join(archive, '.sluice-arriving'));
        writeFileSync(join(archive, '.sluice-arriving', copying, 'a.txt'), NEWER);
      },
    });
    const releasing = release('archive', await drop('a.txt'), disk);
    await expect(releasing).rejects.toThrow(DiskError);
    await expect(releasing).rejects.toThrow('is not like it');
    expect(contents(root)).toEqual({ 'a.txt': TEXT });
    expect(contents(archive)).toEqual({ '.sluice-arriving/': '' });
  });
});

describe('a folder that may not be written to', () => {
  test.each([
    ['the inbox', () => root],
    ['the archive', () => archive],
  ])('%s refuses in words, and the input stays', async (_, folder) => {
    const document = await drop('a.txt');
    mkdirSync(archive);
    for (const path of [root, archive]) chmodSync(path, 0o777);
    chmodSync(folder(), 0o555);
    const releasing = asOrdinary(() => release('archive', document));
    await expect(releasing).rejects.toThrow(PathError);
    await expect(releasing).rejects.toThrow(
      'The input a.txt is done, and could not leave the inbox: Permission denied',
    );
    chmodSync(folder(), 0o777);
    expect(contents(root)).toEqual({ 'a.txt': TEXT });
  });
});

/** Root may do everything: as root the work is done with the rights of an ordinary user. */
async function asOrdinary<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** How a document leaves: by a link, without links, and by a copy. */
const manners: readonly [string, After, string | null][] = [
  ['deleted', 'delete', null],
  ['archived', 'archive', null],
  ['archived without links', 'archive', 'EPERM'],
  ['archived across file systems', 'archive', 'EXDEV'],
];

/** Throws where a manner of leaving has no link. */
function refuseLink(code: string | null, call: string, from: string, to: string): void {
  if (code === null || call !== 'link') return;
  if (code !== 'EXDEV' || isAcross(from, to)) throw systemError(code);
}

/** Where the archive lay on another file system: out of the inbox into it. */
function isAcross(from: string, to: string): boolean {
  return from.startsWith(root) && to.startsWith(archive);
}

/** The places where the document's bytes lie; what a placeholder or half a copy holds is no document. */
function placesOf(): readonly string[] {
  const found = [
    ...Object.entries(contents(root)).map(([name, text]) => [`inbox/${name}`, text] as const),
    ...Object.entries(contents(archive)).map(([name, text]) => [`archive/${name}`, text] as const),
  ];
  return found.filter(([, text]) => text === TEXT).map(([name]) => name);
}

async function callsOf(after: After, code: string | null): Promise<number> {
  let calls = 0;
  const document = await drop('q1/a.txt');
  await release(
    after,
    document,
    interceptedDisk({
      before: (...call) => {
        calls += 1;
        refuseLink(code, ...call);
      },
    }),
  ).catch(() => undefined);
  return calls;
}

describe.each(manners)('%s: whatever dies or fails when', (_, after, code) => {
  test('a process that is killed at any call loses nothing', async () => {
    const calls = await callsOf(after, code);
    expect(calls).toBeGreaterThan(4);
    for (let last = 1; last <= calls; last += 1) {
      await restart();
      let made = 0;
      const disk = interceptedDisk({
        before: (...call) => {
          made += 1;
          if (made >= last) throw systemError('KILLED');
          refuseLink(code, ...call);
        },
      });
      const document = await drop('q1/a.txt');
      const outcome = await release(after, document, disk).catch(() => 'died');
      await returnClaims({ root, archive, disk: realDisk });

      expect(placesOf().length > 0 || outcome === null).toBe(true);
      expect([...Object.keys(contents(root)), ...Object.keys(contents(archive))].join()).not.toContain('.sluice');
      if (outcome === 'died') await releaseAgain(after, document);
      expect(contents(root)).toEqual({ 'q1/': '' });
    }
  });

  test.each(['EIO', 'ENOSPC', 'EACCES', 'EMFILE'])(
    'one call that fails with %s is told, and loses nothing',
    async (fault) => {
      const calls = await callsOf(after, code);
      for (let failing = 1; failing <= calls; failing += 1) {
        await restart();
        let made = 0;
        const disk = interceptedDisk({
          before: (...call) => {
            made += 1;
            if (made === failing) throw systemError(fault);
            refuseLink(code, ...call);
          },
        });
        const document = await drop('q1/a.txt');
        const outcome = await release(after, document, disk).catch((error: unknown) => error);
        const told = outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : 'DiskError: The input';
        expect(told).toMatch(/^(Disk|Path)Error: The input/);
        await returnClaims({ root, archive, disk: realDisk });
        expect(placesOf().length > 0 || outcome === null).toBe(true);
        await releaseAgain(after, document);
        expect(contents(root)).toEqual({ 'q1/': '' });
      }
    },
  );
});

/** As the next scan would have it: the document as it was, where it is there. */
async function releaseAgain(after: After, document: DocumentRef): Promise<void> {
  if (existsSync(place(document.id))) await release(after, document);
}

async function restart(): Promise<void> {
  for (const folder of [root, archive]) await rm(folder, { recursive: true, force: true });
  mkdirSync(root);
}

test('a second name of an input, made by a person, stays', async () => {
  const document = await drop('a.txt');
  linkSync(place('a.txt'), place('mine.txt'));
  expect(await release('delete', document)).toBeNull();
  expect(contents(root)).toEqual({ 'mine.txt': TEXT });
  expect(lstatSync(place('mine.txt')).nlink).toBe(1);
});
