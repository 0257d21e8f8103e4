import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { walk } from '../../src/inbox/scan.ts';
import { asOrdinaryUser, makeFolder } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

/** What a walk tells, in the order of names: ids of files, `id/` of folders, kinds of what is ignored. */
const told = (byName = true): string[] =>
  [...walk(root, '', byName)].map((entry) => {
    switch (entry.kind) {
      case 'document':
        return entry.document.id;
      case 'ignored':
        return `(${entry.reason})`;
      case 'recipe':
        return '(recipe)';
      case 'folder':
      case 'gone':
        return `${entry.id}/`;
    }
  });

describe('a walk', () => {
  test('reports folders before what is in them, in the order of names', () => {
    mkdirSync(join(root, 'b.txt/deep'), { recursive: true });
    for (const id of ['c.txt', 'b.txt/2', 'b.txt/deep/1', 'a.txt']) writeFileSync(join(root, id), 'x');
    expect(told()).toEqual(['/', 'a.txt', 'b.txt/', 'b.txt/2', 'b.txt/deep/', 'b.txt/deep/1', 'c.txt']);
  });

  test('tells size, mtime and inode of files', () => {
    writeFileSync(join(root, 'a.txt'), 'abc');
    const file = [...walk(root, '', false)][1];
    expect(file).toMatchObject({ kind: 'document', document: { id: 'a.txt', size: 3, mtimeMs: expect.any(Number) } });
  });

  test('goes as deep as folders go', () => {
    const deep = Array.from({ length: 200 }, (_, level) => `level-${level}`).join('/');
    mkdirSync(join(root, deep), { recursive: true });
    writeFileSync(join(root, deep, 'a.txt'), 'x');
    expect(told().at(-1)).toBe(`${deep}/a.txt`);
  });

  test('sees a file that came into a folder after the folder was told', () => {
    mkdirSync(join(root, 'sub'));
    const ids: string[] = [];
    for (const entry of walk(root, '', false)) {
      if (entry.kind === 'folder' && entry.id === 'sub') writeFileSync(join(root, 'sub/late.txt'), 'x');
      if (entry.kind === 'document') ids.push(entry.document.id);
    }
    expect(ids).toEqual(['sub/late.txt']);
  });

  test.each([
    'line\nbreak.txt',
    '😀.md',
    'é'.repeat(127),
    `${'a'.repeat(251)}.txt`,
    '-rf',
    '$(id)',
    'a\\b',
    ' .',
    'a:b?',
  ])('takes a file named %j', (name) => {
    writeFileSync(join(root, name), 'x');
    expect(told()).toEqual(['/', name]);
  });

  test('leaves links alone, whatever they point to', () => {
    symlinkSync('/etc/passwd', join(root, 'outside'));
    symlinkSync('nothing', join(root, 'dangling'));
    symlinkSync('.', join(root, 'loop'));
    expect(told()).toEqual(['/', '(links)', '(links)', '(links)']);
  });

  test('leaves pipes and sockets alone', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.txt')]);
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(root, 'socket.txt'), resolve);
    });
    expect(told()).toEqual(['/', '(pipes, sockets and devices)', '(pipes, sockets and devices)']);
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  test('counts names that are not valid UTF-8, and takes those with a real replacement character', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff]), Buffer.from('.txt')]), 'x');
    writeFileSync(join(root, 'good\uFFFD.txt'), 'x');
    expect(told()).toEqual(['/', '(names that are not valid UTF-8)', 'good\uFFFD.txt']);
  });

  test('does not go into folders that are left alone', () => {
    for (const folder of ['@eaDir', '_drafts', '.git', 'x.download']) {
      mkdirSync(join(root, folder));
      writeFileSync(join(root, folder, 'a.txt'), 'x');
    }
    expect(told()).toEqual([
      '/',
      '(hidden names)',
      '(folders of other programs)',
      '(names that begin with _)',
      '(editor and download leftovers)',
    ]);
  });

  test('goes on after a folder that it may not list', async () => {
    mkdirSync(join(root, 'closed'));
    writeFileSync(join(root, 'z.txt'), 'x');
    chmodSync(join(root, 'closed'), 0);
    expect(await asOrdinaryUser(() => told())).toEqual(['/', 'closed/', '(entries that cannot be read)', 'z.txt']);
    chmodSync(join(root, 'closed'), 0o700);
  });
});

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('a folder of very many files', () => {
  const COUNT = 10_500;

  beforeEach(() => {
    for (let index = 0; index < COUNT; index += 1) writeFileSync(join(root, `${index}`), '');
  });

  test('is walked whole, each file once, also where files leave it meanwhile', () => {
    const ids: string[] = [];
    for (const entry of walk(root, '', false)) {
      if (entry.kind !== 'document') continue;
      ids.push(entry.document.id);
      unlinkSync(join(root, entry.document.id));
    }
    expect(new Set(ids).size).toBe(COUNT);
    expect(ids).toHaveLength(COUNT);
  });

  test('is walked in the order of names where that is asked for', () => {
    expect(told()).toEqual(['/', ...Array.from({ length: COUNT }, (_, index) => `${index}`).toSorted()]);
  });

  test('is left without an open listing', () => {
    const before = openFiles();
    for (const entry of walk(root, '', false)) if (entry.kind === 'document') break;
    expect(openFiles()).toBe(before);
  });
});
