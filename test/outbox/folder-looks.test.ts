import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { FolderNames, nowAndThen, WriteRights } from '../../src/outbox/folder-looks.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { makeFolder } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = makeFolder();
});

/** The folder changed so long ago that its listing counts. */
const makeOld = (path = folder): void => utimesSync(path, 1e9 + 0.5, 1e9 + 0.5);
/** Longer than a look counts. */
const lookedAtAgain = (): Promise<void> => delay(20);

describe('a look now and then', () => {
  test('is made once for all that ask within a few milliseconds', async () => {
    let looks = 0;
    const look = nowAndThen(() => (looks += 1));
    for (let times = 0; times < 3; times += 1) look();
    expect(looks).toBe(1);
    await lookedAtAgain();
    look();
    expect(looks).toBe(2);
  });

  test('is made each time while it throws', () => {
    let looks = 0;
    const look = nowAndThen(() => {
      looks += 1;
      throw new Error('gone');
    });
    expect(look).toThrow('gone');
    expect(look).toThrow('gone');
    expect(looks).toBe(2);
  });
});

describe('the names in a folder', () => {
  test('tell what cannot be there, at any depth', () => {
    writeFileSync(join(folder, 'a.error.json'), '');
    mkdirSync(join(folder, 'q1'));
    makeOld();
    const names = new FolderNames(folder);
    expect(['a.error.json', 'q1', 'q1/b', 'b', 'b/a', 'q'].map((path) => names.mayHold(path))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('show what a disk that folds names may find', () => {
    writeFileSync(join(folder, 'CAF\u00c9'), '');
    makeOld();
    expect(new FolderNames(folder).mayHold('cafe\u0301')).toBe(true);
  });

  test('tell nothing right after the folder changed', () => {
    expect(new FolderNames(folder).mayHold('a')).toBe(true);
  });

  test('tell nothing for longer if times are kept in seconds', () => {
    const second = Math.floor(Date.now() / 1000) - 1;
    utimesSync(folder, second, second);
    expect(new FolderNames(folder).mayHold('a')).toBe(true);
    utimesSync(folder, second - 3600, second - 3600);
    expect(new FolderNames(folder).mayHold('a')).toBe(false);
  });

  test('tell nothing of a folder with very many', () => {
    for (let index = 0; index <= 1000; index += 1) writeFileSync(join(folder, `${index}`), '');
    makeOld();
    expect(new FolderNames(folder).mayHold('a')).toBe(true);
    rmSync(join(folder, '0'));
    makeOld();
    expect(new FolderNames(folder).mayHold('a')).toBe(false);
  });

  test('are none if the folder is gone: each is looked for', () => {
    expect(new FolderNames(join(folder, 'none')).mayHold('a')).toBe(true);
  });

  test('are listed again after a change, and after another folder took the place', async () => {
    makeOld();
    const names = new FolderNames(folder);
    expect(names.mayHold('a')).toBe(false);
    writeFileSync(join(folder, 'a'), '');
    await lookedAtAgain();
    expect(names.mayHold('a')).toBe(true);
    makeOld();
    await lookedAtAgain();
    expect(names.mayHold('b')).toBe(false);
    const other = makeFolder();
    writeFileSync(join(other, 'b'), '');
    makeOld(other);
    rmSync(folder, { recursive: true });
    renameSync(other, folder);
    await lookedAtAgain();
    expect(names.mayHold('b')).toBe(true);
  });

  test('are forgotten at once when something was written there', () => {
    makeOld();
    const names = new FolderNames(folder);
    expect(names.mayHold('a')).toBe(false);
    writeFileSync(join(folder, 'a'), '');
    names.forget();
    expect(names.mayHold('a')).toBe(true);
  });
});

test('the right to write is that of the folder, or of the lowest one above it that is there', async () => {
  const disk = mountDisk('size=64k');
  if (disk === null) return;
  const rights = new WriteRights();
  const look = (path: string) => () => rights.require(join(disk, path));
  expect(look('new/er')).not.toThrow();
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  expect(look('other/er')).toThrow('EROFS');
  await delay(150);
  expect(look('new/er')).toThrow('EROFS');
});
