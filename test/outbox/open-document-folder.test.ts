import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskTrouble, PathTrouble } from '../../src/domain/errors.ts';
import { createAtomicWriter } from '../../src/outbox/create-atomic-writer.ts';
import { type DocumentFolder, openDocumentFolder } from '../../src/outbox/open-document-folder.ts';
import { type Disk, realDisk } from '../../src/outbox/real-disk.ts';
import { tempName } from '../../src/outbox/temp-name.ts';
import { failingDisk, filesBelow, makeFolder } from './support.ts';

const folderOver = (path: string, disk: Disk = realDisk): DocumentFolder =>
  openDocumentFolder(path, createAtomicWriter(disk), disk);

let path: string;
beforeEach(() => {
  path = join(makeFolder(), 'results');
});

describe('a folder of documents', () => {
  test('is made; a file in it is written, found at its path, and removed', async () => {
    const folder = folderOver(path);
    expect(await folder.write('q1/a', '.md', 'text')).toBe('q1/a.md');
    expect(folder.pathOf('q1/a', '.md')).toBe(join(path, 'q1/a.md'));
    expect(readFileSync(folder.pathOf('q1/a', '.md'), 'utf8')).toBe('text');
    await folder.remove('q1/a', '.md');
    await folder.remove('q1/a', '.md');
    expect(filesBelow(path)).toEqual(['q1']);
  });

  test('does not mind that somebody else removed the file first', async () => {
    const folder = folderOver(path, failingDisk('unlink', 'ENOENT'));
    await folder.write('a', '.md', 'text');
    await expect(folder.remove('a', '.md')).resolves.toBeUndefined();
  });

  test('tells trouble of one path from trouble of the disk', async () => {
    const folder = folderOver(path);
    mkdirSync(folder.pathOf('a', '.md'));
    expect(() => folder.requireRoom('a', ['.md'])).toThrow(PathTrouble);
    await expect(folder.write('a', '.md', 'text')).rejects.toThrow(PathTrouble);
    await expect(folderOver(path, failingDisk('open', 'ENOSPC')).write('b', '.md', 'text')).rejects.toThrow(
      DiskTrouble,
    );
    const stuck = folderOver(path, failingDisk('unlink', 'EIO'));
    await stuck.write('c', '.md', 'text');
    await expect(stuck.remove('c', '.md')).rejects.toThrow(DiskTrouble);
  });

  test('is swept of what a dead process left', async () => {
    const folder = folderOver(path);
    const temp = join(path, tempName());
    writeFileSync(temp, 'half');
    expect(await folder.sweep()).toBe(1);
    expect(existsSync(temp)).toBe(false);
  });

  test('that cannot be made is trouble of the disk', () => {
    writeFileSync(path, '');
    expect(() => folderOver(path)).toThrow(path);
  });
});
