import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { createInbox } from '../../src/inbox/inbox.ts';
import type { Disk } from '../../src/lib/durable-files.ts';
import { fillFolder } from './folders.ts';
import { interceptedDisk, systemError } from './release.ts';
import { makeFolder, settingsOf } from './support.ts';

let root: string;
let archive: string;

/** What a killed process leaves: a file, taken aside. */
function leaveClaim(folder: string, name: string, text = 'text'): string {
  const claim = join(root, folder, `.sluice-leaving-${randomUUID()}`);
  mkdirSync(claim, { recursive: true });
  writeFileSync(join(claim, name), text);
  return join(claim, name);
}

const mend = (disk?: Disk): Promise<number> =>
  createInbox(settingsOf(root, { archive, ...(disk === undefined ? {} : { disk }) })).mend();

const names = (): readonly string[] => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();

beforeEach(async () => {
  root = await makeFolder();
  archive = await makeFolder();
});

test('what a killed process had taken aside comes back, at any depth', async () => {
  leaveClaim('', 'a.txt');
  leaveClaim('q1/deep', 'x'.repeat(255));
  expect(await mend()).toBe(2);
  expect(names()).toEqual(['a.txt', 'q1', 'q1/deep', `q1/deep/${'x'.repeat(255)}`]);
  expect(await mend()).toBe(0);
});

test('where a newer one has its name, both stay', async () => {
  leaveClaim('', 'a.txt', 'older');
  writeFileSync(join(root, 'a.txt'), 'newer');
  await mend();
  expect(names()).toEqual([expect.stringMatching(/^a-[0-9a-f]{8}\.txt$/), 'a.txt']);
  expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('newer');
});

test('an empty claim, and what was not copied to its end, goes', async () => {
  mkdirSync(join(root, `.sluice-leaving-${randomUUID()}`));
  mkdirSync(join(archive, '.sluice-arriving'));
  writeFileSync(join(archive, '.sluice-arriving/half'), 'ha');
  expect(await mend()).toBe(0);
  expect(names()).toEqual([]);
  expect(existsSync(join(archive, '.sluice-arriving'))).toBe(false);
});

test('what was being deleted goes, and what is ignored in it comes back', async () => {
  const claim = join(root, `.sluice-leaving-${randomUUID()}`);
  fillFolder(claim, { 'x.doc/2.txt': 'the rest', 'x.doc/deep/3.txt': 'of it' });
  mkdirSync(join(claim, '.going'));
  expect(await mend()).toBe(0);
  expect(names()).toEqual([]);
  fillFolder(claim, { 'x.doc/2.txt': 'the rest', 'x.doc/.hidden': 'h' });
  mkdirSync(join(claim, '.going'));
  expect(await mend()).toBe(1);
  expect(names()).toEqual(['x.doc', 'x.doc/.hidden']);
});

test('a folder that is one document comes back beside a newer one, and not beside its like', async () => {
  fillFolder(root, { [`.sluice-leaving-${randomUUID()}/x.doc/1.txt`]: 'older', 'x.doc/1.txt': 'newer' });
  expect(await mend()).toBe(1);
  expect(names()).toEqual([expect.stringMatching(/^x-[0-9a-f]{8}\.doc$/), expect.any(String), 'x.doc', 'x.doc/1.txt']);
  fillFolder(root, { [`.sluice-leaving-${randomUUID()}/x.doc/1.txt`]: 'newer' });
  await mend();
  expect(names()).toHaveLength(4);
});

test('a link, a pipe and a folder come back as they are', async () => {
  for (const [name, make] of [
    ['link', (path: string) => symlinkSync('nowhere', path)],
    ['pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['folder', (path: string) => mkdirSync(path)],
  ] as const) {
    const claim = join(root, `.sluice-leaving-${randomUUID()}`);
    mkdirSync(claim);
    make(join(claim, name));
  }
  expect(await mend()).toBe(3);
  expect(names()).toEqual(['folder', 'link', 'pipe']);
});

test('nothing of anybody else is touched, and no link followed', async () => {
  const elsewhere = await makeFolder();
  const claim = `.sluice-leaving-${randomUUID()}`;
  mkdirSync(join(elsewhere, claim));
  writeFileSync(join(elsewhere, claim, 'a.txt'), 'text');
  symlinkSync(elsewhere, join(root, 'link'));
  mkdirSync(join(root, '.sluice-leaving-mine'));
  writeFileSync(join(root, '.sluice-leaving-mine/b.txt'), 'text');
  expect(await mend()).toBe(0);
  expect(existsSync(join(root, '.sluice-leaving-mine/b.txt'))).toBe(true);
  expect(existsSync(join(elsewhere, claim, 'a.txt'))).toBe(true);
});

test('what cannot come back is told with its place, and the rest comes', async () => {
  const bad = leaveClaim('q1', 'bad.txt');
  leaveClaim('q2', 'good.txt');
  const disk = interceptedDisk({
    before: (call, path) => {
      if (call === 'link' && path === bad) throw systemError('EIO');
    },
  });
  const mending = mend(disk);
  await expect(mending).rejects.toThrow(DiskError);
  await expect(mending).rejects.toThrow(bad);
  expect(existsSync(join(root, 'q2/good.txt'))).toBe(true);
  expect(existsSync(bad)).toBe(true);
});

test('an inbox that is not there has none', async () => {
  root = join(root, 'gone');
  expect(await mend()).toBe(0);
});
