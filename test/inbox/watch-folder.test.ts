import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import type { DocumentRef } from '../../src/domain/document.ts';
import { createInbox } from '../../src/inbox/inbox.ts';
import { fillFolder } from './folders.ts';
import { type Heard, listed, makeFolder, open, settingsOf, writeOld } from './support.ts';

let root: string;
let elsewhere: string;

beforeEach(async () => {
  const folder = await makeFolder();
  root = join(folder, 'inbox');
  elsewhere = join(folder, 'elsewhere');
  await mkdir(root);
  await mkdir(elsewhere);
});

/** A folder that stood still for long. */
async function makeOld(path: string, ...names: readonly string[]): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const name of names) await writeOld(join(path, name));
  await utimes(path, 1_000_000_000, 1_000_000_000);
}

const seen = ({ events }: Heard): readonly DocumentRef[] =>
  events.flatMap((event) => (event.type === 'document-seen' ? [event.document] : []));

const untilSize = (heard: Heard, size: number): Promise<void> =>
  heard.until(() => seen(heard).some((document) => document.size === size));

const untilScans = (heard: Heard, scans: number): Promise<void> =>
  heard.until(() => heard.types().filter((type) => type === 'scan-finished').length >= scans);

describe('a listing', () => {
  test('counts a folder that is one document once', async () => {
    await makeOld(join(root, 'x.doc'), '1.txt', '2.txt');
    const { events } = await listed(root);
    expect(events).toEqual([
      {
        type: 'document-seen',
        document: { id: 'x.doc', size: 8, mtimeMs: 1e12, ctimeMs: expect.any(Number), inode: expect.any(Number) },
        initial: true,
      },
      expect.objectContaining({ type: 'scan-finished', documents: 1, settling: 0, ignored: {} }),
    ]);
  });

  test('waits for one that has a young file', async () => {
    fillFolder(root, { 'x.doc/1.txt': 'x' });
    const { events } = await listed(root, { settleSeconds: 0.3 });
    expect(events).toMatchObject([
      { type: 'scan-finished', documents: 0, settling: 1 },
      { type: 'document-seen', document: { id: 'x.doc' } },
    ]);
  });

  test('does not wait for one that loses its last file', async () => {
    fillFolder(root, { 'x.doc/1.txt': 'x' });
    const heard = open(root, { once: true, settleSeconds: 0.3 });
    await heard.untilScanned();
    await rm(join(root, 'x.doc/1.txt'));
    await heard.until(({ completed }) => completed);
    expect(heard.types()).toEqual(['scan-finished']);
  });

  test('does not count recipes among what is ignored', async () => {
    fillFolder(root, { '_recipe.md': '', 'q1/_recipe.prompt': '', 'q2/_recipe.txt': '', '_recipe.md.bak': '', _x: '' });
    expect((await listed(root)).events).toMatchObject([{ ignored: { 'names that begin with _': 2 } }]);
    expect((await listed(root)).events).not.toHaveProperty('0.ignored.recipe');
  });
});

describe('a watched folder that is one document', () => {
  test('is told once it stands still, whole, and not file by file', async () => {
    const heard = open(root, { settleSeconds: 1 });
    await heard.untilScanned();
    await mkdir(join(root, 'x.doc/deep'), { recursive: true });
    await new Promise<void>((resolve) => {
      let parts = 0;
      const timer = setInterval(() => {
        writeFileSync(join(root, `x.doc/${parts}.txt`), 'x');
        appendFileSync(join(root, 'x.doc/deep/log.txt'), 'y');
        if (++parts < 10) return;
        clearInterval(timer);
        resolve();
      }, 200);
    });
    await heard.untilSeen('x.doc');
    expect(seen(heard)).toMatchObject([{ id: 'x.doc', size: 20 }]);
  });

  test('is told again by what happens at any depth in it', async () => {
    await makeOld(join(root, 'x.doc/deep'), '1.txt');
    const heard = open(root);
    await heard.untilScanned();
    await untilSize(heard, 4);
    await writeOld(join(root, 'x.doc/deep/2.txt'), '22');
    await untilSize(heard, 6);
    await mkdir(join(root, 'x.doc/new'));
    writeFileSync(join(root, 'x.doc/new/3.txt'), '3');
    await untilSize(heard, 7);
    await rm(join(root, 'x.doc/deep/1.txt'));
    await untilSize(heard, 3);
    expect(new Set(heard.ids())).toEqual(new Set(['x.doc']));
  });

  test('is told by its new name where a folder becomes one, and its files where it is none any more', async () => {
    await makeOld(join(root, 'x'), '1.txt');
    const heard = open(root);
    await heard.untilSeen('x/1.txt');
    await heard.untilScanned();
    await rename(join(root, 'x'), join(root, 'x.doc'));
    await heard.untilSeen('x.doc');
    await rename(join(root, 'x.doc'), join(root, 'y'));
    await heard.untilSeen('y/1.txt');
    await writeOld(join(root, 'y/2.txt'));
    await heard.untilSeen('y/2.txt');
    expect(new Set(heard.ids())).toEqual(new Set(['x/1.txt', 'x.doc', 'y/1.txt', 'y/2.txt']));
  });

  test('may take the place of a file, and a file its place', async () => {
    await writeOld(join(root, 'x.doc'), 'a file');
    const heard = open(root);
    await untilSize(heard, 6);
    await heard.untilScanned();
    await makeOld(join(elsewhere, 'x.doc'), '1.txt', '2.txt');
    await rm(join(root, 'x.doc'));
    await rename(join(elsewhere, 'x.doc'), join(root, 'x.doc'));
    await untilSize(heard, 8);
    await writeOld(join(root, 'x.doc/3.txt'));
    await untilSize(heard, 12);
    await rm(join(root, 'x.doc'), { recursive: true });
    await writeOld(join(root, 'x.doc'), 'a file once more');
    await untilSize(heard, 16);
    expect(new Set(heard.ids())).toEqual(new Set(['x.doc']));
  });

  test('leaves by the port as a whole', async () => {
    await makeOld(join(root, 'x.doc'), '1.txt', '2.txt');
    const heard = open(root);
    await heard.untilSeen('x.doc');
    await heard.untilScanned();
    const [document] = seen(heard);
    if (document === undefined) throw new Error('not seen');
    const inbox = createInbox(settingsOf(root, { archive: join(elsewhere, 'archive') }));
    const read = await inbox.read(document);
    if (read.kind !== 'read') throw new Error(read.kind);
    expect(await inbox.release(document, read.content.sha256, 'archive')).toEqual({ to: 'x.doc' });
    await writeOld(join(root, 'last.txt'));
    await heard.untilSeen('last.txt');
    expect(heard.ids()).toEqual(['x.doc', 'last.txt']);
  });
});

describe('a recipe in a watched inbox', () => {
  test.each<readonly [string, string, (path: string) => void]>([
    ['_recipe.prompt', 'changes', (path) => appendFileSync(path, 'more')],
    ['_recipe.md', 'changes', (path) => appendFileSync(path, 'more')],
    ['_recipe.txt', 'goes', (path) => rmSync(path)],
    ['_recipe.txt', 'comes by a rename', (path) => renameSync(path, join(path, '../../_recipe.md'))],
    ['other.md', 'comes by a rename', (path) => renameSync(path, join(path, '../_recipe.md'))],
  ])('asks for a scan: %s %s', async (name, _, happen) => {
    await makeOld(join(root, 'q1'), name);
    const heard = open(root);
    await untilScans(heard, 1);
    happen(join(root, 'q1', name));
    await untilScans(heard, 2);
    expect(heard.types().filter((type) => type === 'scan-finished')).toHaveLength(2);
  });

  test('asks for a scan as it is written', async () => {
    const heard = open(root);
    await untilScans(heard, 1);
    writeFileSync(join(root, '_recipe.md'), 'new');
    await untilScans(heard, 2);
    expect(heard.ids()).toEqual([]);
  });

  test('asks for none by another name, nor in a folder that is one document', async () => {
    await makeOld(join(root, 'x.doc'), '1.txt');
    const asked = new Subject<void>();
    const heard = open(root, { rescanNow: asked });
    await untilScans(heard, 1);
    fillFolder(root, { '_recipe.html': '', 'x.doc/_recipe.md': '', '_recipes.md': '' });
    await writeOld(join(root, 'last.txt'));
    await heard.untilSeen('last.txt');
    expect(heard.types().filter((type) => type === 'scan-finished')).toHaveLength(1);
    asked.next();
    await untilScans(heard, 2);
    expect(heard.events.at(-1)).toMatchObject({ ignored: { 'names that begin with _': 3 } });
  });
});
