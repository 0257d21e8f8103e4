import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { fileError } from '../../src/outbox/document-folder.ts';
import { makeFolder } from './support.ts';

const errorOf = (code: string) => Object.assign(new Error(`${code}: stale handle`), { code });

describe('what the disk refused', () => {
  test.each([
    ['ENOSPC', DiskError, 'Make room'],
    ['EDQUOT', DiskError, 'quota'],
    ['EROFS', DiskError, 'read-only'],
    ['EACCES', DiskError, 'right to write'],
    ['EPERM', DiskError, 'right to write'],
    ['EIO', DiskError, 'Check the disk'],
    ['EMFILE', DiskError, 'ulimit -n'],
    ['ENFILE', DiskError, 'on this machine'],
    ['ESTALE', DiskError, 'ESTALE: stale handle'],
    ['EISDIR', PathError, 'A folder stands where'],
    ['EEXIST', PathError, 'A file stands where'],
    ['ENOTDIR', PathError, 'A file stands where'],
    ['ENAMETOOLONG', PathError, 'too long'],
    ['ELOOP', PathError, 'in a circle'],
  ])('%s becomes a sentence on the file, with what to do', (code, kind, words) => {
    const error = errorOf(code);
    const made = fileError(error, '/out/a.md', '/out');
    expect(made).toBeInstanceOf(kind);
    expect(made.message).toContain('/out/a.md');
    expect(made.message).toContain(words);
    expect(made.cause).toBe(error);
  });

  test.each(['EACCES', 'EPERM'])('%s concerns one path if a subfolder says it and the folder is open', (code) => {
    const root = makeFolder();
    mkdirSync(join(root, 'q1'));
    const file = join(root, 'q1/a.md');
    expect(fileError(errorOf(code), file, root)).toBeInstanceOf(PathError);
    expect(fileError(errorOf(code), join(root, 'a.md'), root)).toBeInstanceOf(DiskError);
    rmSync(root, { recursive: true });
    expect(fileError(errorOf(code), file, root)).toBeInstanceOf(DiskError);
  });

  test.each([new DiskError('The disk is full.'), new PathError('A folder stands there.')])(
    'is said once: $message',
    (made) => {
      expect(fileError(made, '/out/a.md', '/out')).toBe(made);
    },
  );
});
