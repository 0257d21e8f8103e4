import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { realDisk } from '../../src/lib/durable-files.ts';
import { AtomicWriter } from '../../src/outbox/atomic-writer.ts';
import { DocumentFolder } from '../../src/outbox/document-folder.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { filesBelow, makeFolder } from './support.ts';

let root: string;
beforeEach(() => {
  root = makeFolder();
  mkdirSync(join(root, 'q1/a.md'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
});

const folderAt = (path: string): DocumentFolder => new DocumentFolder(path, new AtomicWriter(realDisk), realDisk);

/** Looks for room for a file whose name begins with one letter, and goes on with an ending. */
function requireRoom(folder: DocumentFolder, path: string): void {
  const end = path.lastIndexOf('/') + 2;
  const place = { name: path.slice(0, end), ending: path.slice(end) };
  folder.requireNoFolder(place, '');
  folder.requireRights(place);
}

describe('room for a file', () => {
  test.each(['b.md', 'file', 'q1/b.md', 'q1/deep/er/b.md', 'new/b.md'])('is there: %s', (path) => {
    const before = filesBelow(root);
    expect(() => requireRoom(folderAt(root), path)).not.toThrow();
    expect(filesBelow(root)).toEqual(before);
  });

  test.each([
    ['q1/a.md', 'A folder stands where'],
    ['file/b.md', 'A file stands where'],
    ['file/deep/b.md', 'A file stands where'],
    [`${'n'.repeat(256)}.md`, 'too long'],
  ])('is not there, for this path alone: %s', (path, words) => {
    const folder = folderAt(root);
    expect(() => requireRoom(folder, path)).toThrow(PathError);
    expect(() => requireRoom(folder, path)).toThrow(words);
    expect(() => requireRoom(folder, 'other.md')).not.toThrow();
  });

  test('is not there for any file on a read-only disk', () => {
    const disk = mountDisk('size=64k');
    if (disk === null) return;
    const folder = folderAt(disk);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(() => requireRoom(folder, 'a.md')).toThrow(/read-only/);
    expect(() => requireRoom(folder, 'a.md')).toThrow(DiskError);
  });
});
