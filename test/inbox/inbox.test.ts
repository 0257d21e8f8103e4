import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { listed, makeFolder, writeOld } from './support.ts';

test('the inbox may be given by a path relative to the current folder', async () => {
  const root = await makeFolder();
  await writeOld(join(root, 'a.txt'));
  expect((await listed(relative(process.cwd(), root))).ids()).toEqual(['a.txt']);
});

test('each subscription is a listing of its own', async () => {
  const root = await makeFolder();
  expect((await listed(root)).ids()).toEqual([]);
  await writeOld(join(root, 'a.txt'));
  expect((await listed(root)).ids()).toEqual(['a.txt']);
});
