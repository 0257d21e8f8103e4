import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { requireRoom } from '../../src/outbox/document-folder.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { filesBelow, makeFolder } from './support.ts';

let root: string;
beforeEach(() => {
  root = makeFolder();
  mkdirSync(join(root, 'q1/a.md'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
});

describe('room for a file', () => {
  test.each(['b.md', 'file', 'q1/b.md', 'q1/deep/er/b.md', 'new/b.md'])('is there: %s', (path) => {
    const before = filesBelow(root);
    expect(() => requireRoom([join(root, path)], root)).not.toThrow();
    expect(filesBelow(root)).toEqual(before);
  });

  test.each([
    ['q1/a.md', 'A folder stands where'],
    ['file/b.md', 'A file stands where'],
    ['file/deep/b.md', 'A file stands where'],
    [`${'n'.repeat(256)}.md`, 'too long'],
  ])('is not there, for this path alone: %s', (path, words) => {
    expect(() => requireRoom([join(root, path)], root)).toThrow(PathError);
    expect(() => requireRoom([join(root, path)], root)).toThrow(words);
  });

  test('is not there for anybody on a read-only disk', () => {
    const disk = mountDisk('size=64k,ro');
    if (disk === null) return;
    expect(() => requireRoom([join(disk, 'a.md')], disk)).toThrow(/read-only/);
    expect(() => requireRoom([join(disk, 'a.md')], disk)).toThrow(DiskError);
  });
});
