import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DiskTrouble, PathTrouble } from '../../src/domain/errors.ts';
import { trouble } from '../../src/outbox/disk-errors.ts';
import { makeFolder } from './support.ts';

const errorOf = (code: string) => Object.assign(new Error(`${code}: stale handle`), { code });

describe('what the disk refused', () => {
  test.each([
    ['ENOSPC', DiskTrouble, 'Make room'],
    ['EDQUOT', DiskTrouble, 'quota'],
    ['EROFS', DiskTrouble, 'read-only'],
    ['EACCES', DiskTrouble, 'right to write'],
    ['EPERM', DiskTrouble, 'right to write'],
    ['EIO', DiskTrouble, 'Check the disk'],
    ['EMFILE', DiskTrouble, 'ulimit -n'],
    ['ENFILE', DiskTrouble, 'on this machine'],
    ['ESTALE', DiskTrouble, 'ESTALE: stale handle'],
    ['EISDIR', PathTrouble, 'A folder stands where'],
    ['EEXIST', PathTrouble, 'A file stands where'],
    ['ENOTDIR', PathTrouble, 'A file stands where'],
    ['ENAMETOOLONG', PathTrouble, 'too long'],
    ['ELOOP', PathTrouble, 'in a circle'],
  ])('%s is told of the file, with what to do', (code, kind, words) => {
    const error = errorOf(code);
    const told = trouble(error, '/out/a.md', '/out');
    expect(told).toBeInstanceOf(kind);
    expect(told.message).toContain('/out/a.md');
    expect(told.message).toContain(words);
    expect(told.cause).toBe(error);
  });

  test.each(['EACCES', 'EPERM'])('%s concerns one path where a subfolder says it and the folder is open', (code) => {
    const root = makeFolder();
    mkdirSync(join(root, 'q1'));
    const file = join(root, 'q1/a.md');
    expect(trouble(errorOf(code), file, root)).toBeInstanceOf(PathTrouble);
    expect(trouble(errorOf(code), join(root, 'a.md'), root)).toBeInstanceOf(DiskTrouble);
    rmSync(root, { recursive: true });
    expect(trouble(errorOf(code), file, root)).toBeInstanceOf(DiskTrouble);
  });

  test.each([new DiskTrouble('The disk is full.'), new PathTrouble('A folder stands there.')])(
    'is said once: $message',
    (told) => {
      expect(trouble(told, '/out/a.md', '/out')).toBe(told);
    },
  );
});
