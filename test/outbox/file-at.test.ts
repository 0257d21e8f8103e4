import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PathError } from '../../src/domain/errors.ts';
import { fileAt } from '../../src/outbox/document-folder.ts';
import { asOrdinaryUser, makeFolder } from './support.ts';

test('a file is there; nothing, a folder, or a path through a file is not', () => {
  const folder = makeFolder();
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  mkdirSync(join(folder, 'folder'));
  expect(fileAt(file)?.size).toBe(4);
  expect([join(folder, 'none'), join(folder, 'folder'), join(file, 'below')].map(fileAt)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a way that is barred is an error of that path, and not an absent file', () => {
  const folder = makeFolder();
  const link = join(folder, 'link');
  symlinkSync(link, link);
  for (const barred of [link, join(folder, 'n'.repeat(256))]) {
    expect(() => fileAt(barred)).toThrow(PathError);
    expect(() => fileAt(barred)).toThrow(barred);
  }
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(folder, 0o755);
  expect(() => asOrdinaryUser(closed, 0o000, () => fileAt(join(closed, 'a')))).toThrow(PathError);
});
