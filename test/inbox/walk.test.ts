import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
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
  [...walk(root, '', byName)].map((sighting) => {
    switch (sighting.kind) {
      case 'document':
        return sighting.document.id;
      case 'ignored':
        return `(${sighting.reason})`;
      case 'recipe':
        return '(recipe)';
      case 'folder':
      case 'gone':
        return `${sighting.id}/`;
    }
  });

describe('a walk', () => {
  test('tells of folders before what is in them, in the order of names', () => {
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
    for (const sighting of walk(root, '', false)) {
      if (sighting.kind === 'folder' && sighting.id === 'sub') writeFileSync(join(root, 'sub/late.txt'), 'x');
      if (sighting.kind === 'document') ids.push(sighting.document.id);
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
