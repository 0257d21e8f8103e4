import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { AtomicWriter, tempName } from '../../src/outbox/atomic-writer.ts';
import { DocumentFolder } from '../../src/outbox/document-folder.ts';
import { failingDisk, filesBelow, makeFolder } from './support.ts';

const placeOf = (name: string) => ({ name, ending: '.md' });
const folderOver = (path: string, disk: Disk = realDisk): DocumentFolder =>
  new DocumentFolder(path, new AtomicWriter(disk), disk);

let path: string;
beforeEach(() => {
  path = join(makeFolder(), 'results');
});

describe('a folder of documents', () => {
  test('is made; a file in it is written, found at its path, and removed', async () => {
    const folder = folderOver(path);
    expect(await folder.write(placeOf('q1/a'), '', 'text')).toBe('q1/a.md');
    expect(folder.pathOf(placeOf('q1/a'), '')).toBe(join(path, 'q1/a.md'));
    expect(readFileSync(folder.pathOf(placeOf('q1/a'), ''), 'utf8')).toBe('text');
    expect(await folder.remove(placeOf('q1/a'), '')).toBe(true);
    expect(await folder.remove(placeOf('q1/a'), '')).toBe(false);
    expect(filesBelow(path)).toEqual(['q1']);
  });

  test('does not mind that another program removed the file first', async () => {
    const folder = folderOver(path, failingDisk('unlink', 'ENOENT'));
    await folder.write(placeOf('a'), '', 'text');
    await expect(folder.remove(placeOf('a'), '')).resolves.toBe(true);
  });

  test('tells an error of one path from one of the disk', async () => {
    const folder = folderOver(path);
    mkdirSync(folder.pathOf(placeOf('a'), ''));
    expect(() => folder.requireNoFolder(placeOf('a'), '')).toThrow(PathError);
    await expect(folder.write(placeOf('a'), '', 'text')).rejects.toThrow(PathError);
    await expect(folderOver(path, failingDisk('open', 'ENOSPC')).write(placeOf('b'), '', 'text')).rejects.toThrow(
      DiskError,
    );
    const stuck = folderOver(path, failingDisk('unlink', 'EIO'));
    await stuck.write(placeOf('c'), '', 'text');
    await expect(stuck.remove(placeOf('c'), '')).rejects.toThrow(DiskError);
  });

  test('is swept of what a dead process left', async () => {
    const folder = folderOver(path);
    const temp = join(path, tempName());
    writeFileSync(temp, 'half');
    expect(await folder.sweep()).toBe(1);
    expect(existsSync(temp)).toBe(false);
  });

  test('that cannot be made is an error of the disk', () => {
    writeFileSync(path, '');
    expect(() => folderOver(path)).toThrow(path);
  });
});
