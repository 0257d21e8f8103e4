import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../src/run/workspace.ts';
import { filesBelow, makeFolder as newFolder } from './workspaces.ts';

test('makes a folder, and those above it', () => {
  const home = newFolder();
  makeFolder(join(home, 'a/b/c'));
  expect(filesBelow(home)).toEqual(['a', 'a/b', 'a/b/c']);
});

test('leaves one that is there, also behind a link', () => {
  const home = newFolder();
  mkdirSync(join(home, 'there'));
  symlinkSync(join(home, 'there'), join(home, 'link'));
  makeFolder(join(home, 'there'));
  makeFolder(join(home, 'link'));
  makeFolder(join(home, 'link/below'));
  expect(statSync(join(home, 'there/below')).isDirectory()).toBe(true);
});

test.each([
  ['a file is in its place', 'file', 'EEXIST'],
  ['a file is above it', 'file/below', 'ENOTDIR'],
  ['a link is in its place that leads nowhere', 'nowhere', 'EEXIST'],
  ['a link is above it that leads nowhere', 'nowhere/below', 'EEXIST'],
  ['the folder above takes none', '/proc/none', 'ENOENT'],
  ['the folder further above takes none', '/proc/none/deep', 'ENOENT'],
])('throws where %s', (_, path, code) => {
  const home = newFolder();
  writeFileSync(join(home, 'file'), '');
  symlinkSync(join(home, 'missing'), join(home, 'nowhere'));
  expect(() => makeFolder(path.startsWith('/') ? path : join(home, path))).toThrow(expect.objectContaining({ code }));
});
