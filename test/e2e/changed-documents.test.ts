import { chmodSync, copyFileSync, linkSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import type { Program } from '../support/program.ts';
import { asked, askedOnce, type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

/** In seconds since the epoch: archives that are packed reproducibly give every file the same. */
const FIXED = 1_700_000_000;

/** Puts a file into the inbox as `tar`, or `cp -p`, does: by a rename, with a time of its own. */
function unpack({ workspace }: Scene, id: string, text: string): void {
  const draft = join(workspace.root, 'draft');
  writeFileSync(draft, text);
  utimesSync(draft, FIXED, FIXED);
  renameSync(draft, workspace.inbox(id));
}

/** Writes over a file in its place, and sets its time back, as `rsync --inplace --times` does. */
function overwrite({ workspace }: Scene, id: string, text: string): void {
  writeFileSync(workspace.inbox(id), text, { flag: 'r+' });
  utimesSync(workspace.inbox(id), FIXED, FIXED);
}

/** The documents that a run read. */
function readBy({ log }: Program): readonly unknown[] {
  return log.flatMap(({ event, document }) => (event === 'document-queued' ? [document] : []));
}

describe('a document', () => {
  const scene = scenes();

  test.each([
    ['replaced', unpack],
    ['written over', overwrite],
  ])('that was %s by another of its size and mtime is asked', async (_, change) => {
    const here = await scene();
    unpack(here, 'a.txt', 'total 100');
    await here.once();
    change(here, 'a.txt', 'total 900');
    const { summary } = await here.once();
    expect(summary).toMatchObject({ documents: 1, succeeded: 1 });
    expect(here.calls()).toEqual(askedOnce('total 100', 'total 900'));
  });

  test.each<[string, (path: string) => unknown]>([
    ['touched', (path) => utimesSync(path, FIXED + 1, FIXED + 1)],
    ['given other rights', (path) => chmodSync(path, 0o600)],
    ['linked, as a backup does', (path) => linkSync(path, `${path}.part`)],
    ['moved away and back', (path) => [renameSync(path, `${path}.part`), renameSync(`${path}.part`, path)]],
    [
      'restored from a backup',
      (path) => {
        copyFileSync(path, `${path}.part`);
        utimesSync(`${path}.part`, FIXED, FIXED);
        rmSync(path);
        renameSync(`${path}.part`, path);
      },
    ],
  ])('that was only %s is read again, once, and costs nothing', async (_, touch) => {
    const here = await scene();
    unpack(here, 'a.txt', 'The same.');
    await here.once();
    touch(here.workspace.inbox('a.txt'));
    const second = await here.once();
    expect(readBy(second)).toEqual(['a.txt']);
    expect(second.summary).toMatchObject({ documents: 1, skipped: 1, attempts: 0, costUsd: 0 });
    expect(readBy(await here.once())).toEqual([]);
    expect(here.calls()).toEqual(askedOnce('The same.'));
  });

  test('that was renamed is answered free', async () => {
    const here = await scene();
    unpack(here, 'a.txt', 'The same.');
    await here.once();
    renameSync(here.workspace.inbox('a.txt'), here.workspace.inbox('b.txt'));
    expect((await here.once()).summary).toMatchObject({ documents: 1, reused: 1 });
    expect(here.calls()).toEqual(askedOnce('The same.'));
  });

  test('that is a folder is asked again where a file in it was replaced by one of its size and mtime', async () => {
    const here = await scene();
    await here.workspace.drop('case.doc/1.txt', 'one');
    await here.once();
    const folder = here.workspace.inbox('case.doc');
    const setBack = () => [join(folder, '1.txt'), folder].forEach((path) => utimesSync(path, FIXED, FIXED));
    setBack();
    expect((await here.once()).summary).toMatchObject({ skipped: 1, attempts: 0 });
    writeFileSync(join(folder, '1.txt'), 'two');
    setBack();
    expect((await here.once()).summary).toMatchObject({ succeeded: 1, attempts: 1 });
    expect((await here.once()).summary).toMatchObject({ skipped: 1, attempts: 0 });
  });

  test('that is written over under the daemon, its size and mtime as they were, is asked', async () => {
    const here = await scene();
    unpack(here, 'a.txt', 'total 100');
    const daemon = await here.watch();
    await daemon.logged('document-succeeded');
    overwrite(here, 'a.txt', 'total 900');
    await daemon.logged('document-succeeded', () => Object.keys(here.calls()).length === 2);
    chmodSync(here.workspace.inbox('a.txt'), 0o600);
    await daemon.logged('document-skipped', ({ reason }) => reason === 'its bytes have not changed');
    expect(here.calls()).toEqual(askedOnce('total 100', 'total 900'));
  });

  test('leaves with --after archive only as the one that was answered', async () => {
    const here = await scene();
    unpack(here, 'a.txt', 'total 100');
    await here.once();
    overwrite(here, 'a.txt', 'total 900');
    await here.once(['--after', 'archive', '--redo', 'never']);
    expect(here.workspace.hasResult('a.txt')).toBe(true);
    expect((await here.once(['--after', 'archive'])).log).toContainEqual(
      expect.objectContaining({ event: 'document-departed', to: 'a.txt' }),
    );
    expect(here.calls()).toEqual(askedOnce('total 100', 'total 900'));
  });
});

describe('documents of which an older ledger knows size and mtime alone', () => {
  const scene = scenes();

  test('are not read for that; what lacks is recorded as they are seen, and tells from then on', async () => {
    const here = await scene();
    for (const id of ['a.txt', 'b.txt', 'c.txt']) unpack(here, id, `total 100 of ${id}`);
    await here.once();
    const file = join(here.workspace.root, '.sluice/ledger.db');
    const forget = openDatabase(file);
    forget.exec('UPDATE versions SET ctime_ms = NULL, inode = NULL');
    forget.close();
    const second = await here.once();
    expect(readBy(second)).toEqual([]);
    expect(second.summary).toMatchObject({ documents: 3, skipped: 3 });
    const database = openDatabase(file, { readonly: true });
    expect(database.prepare('SELECT document FROM versions WHERE ctime_ms IS NULL OR inode IS NULL').all()).toEqual([]);
    database.close();
    unpack(here, 'b.txt', 'total 900 of b.txt');
    expect((await here.once()).summary).toMatchObject({ skipped: 2, succeeded: 1 });
    expect(here.calls()).toEqual(
      asked({ 'total 100 of a.txt': 1, 'total 100 of b.txt': 1, 'total 100 of c.txt': 1, 'total 900 of b.txt': 1 }),
    );
  });
});
