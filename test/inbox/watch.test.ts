import { hash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { lastValueFrom, Subject, takeWhile, tap, toArray } from 'rxjs';
import { createInbox } from '../../src/inbox/inbox.ts';
import { refer } from './release.ts';
import { makeFolder, open, settingsOf, writeOld } from './support.ts';

let root: string;
let elsewhere: string;

beforeEach(async () => {
  const folder = await makeFolder();
  root = join(folder, 'inbox');
  elsewhere = join(folder, 'elsewhere');
  await mkdir(root);
  await mkdir(elsewhere);
});

describe('a watched inbox', () => {
  test('reports what is there at start, and then of what is dropped', async () => {
    await writeOld(join(root, 'first.txt'));
    const heard = open(root);
    await heard.untilScanned();
    expect(heard.events[0]).toMatchObject({ type: 'document-seen', document: { id: 'first.txt' }, initial: true });
    await writeFile(join(root, 'dropped.txt'), 'x');
    await heard.untilSeen('dropped.txt');
    expect(heard.events.at(-1)).toMatchObject({ document: { id: 'dropped.txt', size: 1 }, initial: false });
  });

  test('reports a file that is renamed in, under its new name alone', async () => {
    const heard = open(root);
    await heard.untilScanned();
    await writeOld(join(elsewhere, 'temp'), 'whole');
    await rename(join(elsewhere, 'temp'), join(root, 'final.txt'));
    await heard.untilSeen('final.txt');
    expect(heard.ids()).toEqual(['final.txt']);
  });

  test('reports nothing of what is dropped and does not count', async () => {
    const heard = open(root, { exclude: ['*.log'] });
    await heard.untilScanned();
    await writeOld(join(root, 'a.log'));
    await writeOld(join(root, 'b.txt'));
    await heard.untilSeen('b.txt');
    expect(heard.ids()).toEqual(['b.txt']);
  });

  test('reports a slow writer’s file once it is whole', async () => {
    const heard = open(root, { settleSeconds: 1 });
    await heard.untilScanned();
    const path = join(root, 'slow.txt');
    const writing = new Promise<void>((resolve) => {
      let parts = 0;
      const timer = setInterval(() => {
        appendFileSync(path, 'part.');
        if (++parts < 10) return;
        clearInterval(timer);
        resolve();
      }, 200);
    });
    await heard.untilSeen('slow.txt');
    await writing;
    expect(heard.events.filter(({ type }) => type === 'document-seen')).toMatchObject([{ document: { size: 50 } }]);
  });

  test.each(['archive', 'delete'] as const)(
    'takes a file that left (%s) for no error, and one that comes in its place for a new one',
    async (after) => {
      await writeOld(join(root, 'a.txt'), 'text');
      const heard = open(root);
      await heard.untilScanned();
      const inbox = createInbox(settingsOf(root, { archive: join(elsewhere, 'archive') }));
      await inbox.release(refer(root, 'a.txt'), hash('sha256', 'text'), after);
      await writeOld(join(root, 'b.txt'));
      await heard.untilSeen('b.txt');
      await writeOld(join(root, 'a.txt'), 'text');
      await heard.until(({ events }) => events.length === 4);
      expect(heard.types()).toEqual(['document-seen', 'scan-finished', 'document-seen', 'document-seen']);
      expect(heard.ids()).toEqual(['a.txt', 'b.txt', 'a.txt']);
    },
  );

  test('reports a file again when it is replaced or rewritten in place', async () => {
    await writeOld(join(root, 'a.txt'), '1');
    const heard = open(root);
    await heard.untilScanned();
    const sizes = () => heard.events.flatMap((event) => (event.type === 'document-seen' ? [event.document.size] : []));
    await writeOld(join(elsewhere, 'a.txt'), '22');
    await rename(join(elsewhere, 'a.txt'), join(root, 'a.txt'));
    await heard.until(() => sizes().includes(2));
    await writeFile(join(root, 'a.txt'), '333');
    await heard.until(() => sizes().includes(3));
    expect(new Set(sizes())).toEqual(new Set([1, 2, 3]));
  });

  test('misses nothing that is written while it starts', async () => {
    const heard = open(root);
    const ids = Array.from({ length: 300 }, (_, index) => `${index}.txt`);
    for (const id of ids) {
      // oxlint-disable-next-line no-await-in-loop -- spread over the start
      await writeOld(join(root, id));
    }
    await heard.untilSeen(...ids);
    expect(new Set(heard.ids())).toEqual(new Set(ids));
  });

  test('misses nothing of folders made later, with files inside at once and at any depth', async () => {
    const heard = open(root);
    await heard.untilScanned();
    const ids = Array.from({ length: 50 }, (_, index) => `new-${index}/deep/er/a.txt`);
    for (const id of ids) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, each as quick as it can be
      await mkdir(join(root, id, '..'), { recursive: true });
      writeFileSync(join(root, id), 'x');
    }
    await heard.untilSeen(...ids);
    await writeFile(join(root, 'new-7/deep/er/later.txt'), 'x');
    await heard.untilSeen('new-7/deep/er/later.txt');
    expect(new Set(heard.ids()).size).toBe(ids.length + 1);
  });

  test('sees into a folder that is moved in, moved on, and made again under its old name', async () => {
    const heard = open(root);
    await heard.untilScanned();
    await mkdir(join(elsewhere, 'sub/deep'), { recursive: true });
    await writeOld(join(elsewhere, 'sub/deep/1.txt'));
    await rename(join(elsewhere, 'sub'), join(root, 'sub'));
    await heard.untilSeen('sub/deep/1.txt');
    await rename(join(root, 'sub'), join(root, 'moved'));
    await heard.untilSeen('moved/deep/1.txt');
    await mkdir(join(root, 'sub/deep'), { recursive: true });
    await writeOld(join(root, 'sub/deep/2.txt'));
    await heard.untilSeen('sub/deep/2.txt');
    await writeOld(join(root, 'sub/deep/3.txt'));
    await writeOld(join(root, 'moved/deep/4.txt'));
    await heard.untilSeen('sub/deep/3.txt', 'moved/deep/4.txt');
    expect(new Set(heard.ids()).size).toBe(5);
  });

  test('waits for a file of the future only until it stands still', async () => {
    const heard = open(root);
    await heard.untilScanned();
    await writeFile(join(elsewhere, 'future.txt'), 'x');
    await utimes(join(elsewhere, 'future.txt'), 4e9, 4e9);
    await rename(join(elsewhere, 'future.txt'), join(root, 'future.txt'));
    await heard.untilSeen('future.txt');
    expect(heard.ids()).toEqual(['future.txt']);
  });

  test('forgets a young file that vanishes', async () => {
    const heard = open(root);
    await heard.untilScanned();
    await writeFile(join(root, 'brief.txt'), 'x');
    await rm(join(root, 'brief.txt'));
    await writeFile(join(root, 'other.txt'), 'x');
    await heard.untilSeen('other.txt');
    expect(heard.ids()).toEqual(['other.txt']);
  });

  test('does not list a folder because of a file in it', async () => {
    await writeOld(join(root, 'old.txt'));
    const heard = open(root);
    await heard.untilScanned();
    await writeOld(join(root, 'new.txt'));
    await heard.untilSeen('new.txt');
    expect(heard.ids().filter((id) => id === 'old.txt')).toHaveLength(1);
  });

  test('scans when it is asked to, and then tells of everything again', async () => {
    await writeOld(join(root, 'a.txt'));
    const asked = new Subject<void>();
    const heard = open(root, { rescanNow: asked });
    await heard.untilScanned();
    asked.next();
    await heard.until(() => heard.types().filter((type) => type === 'scan-finished').length === 2);
    expect(heard.events).toMatchObject([
      { type: 'document-seen', initial: true },
      { type: 'scan-finished', initial: true },
      { type: 'document-seen', initial: false },
      { type: 'scan-finished', initial: false },
    ]);
  });

  test('scans once more where it is asked to during a scan', async () => {
    await writeOld(join(root, 'a.txt'));
    const asked = new Subject<void>();
    const told = createInbox(settingsOf(root, { rescanNow: asked })).events.pipe(
      tap((event) => {
        if (event.type !== 'document-seen' || !event.initial) return;
        asked.next();
        asked.next();
      }),
      takeWhile((event) => event.type !== 'scan-finished' || event.initial, true),
      toArray(),
    );
    expect(await lastValueFrom(told)).toMatchObject([
      { type: 'document-seen', initial: true },
      { type: 'scan-finished', initial: true },
      { type: 'document-seen', initial: false },
      { type: 'scan-finished', initial: false },
    ]);
  });

  test('scans by itself', async () => {
    const heard = open(root, { rescanSeconds: 0.05 });
    await heard.until(() => heard.types().length === 3);
    expect(heard.types()).toEqual(['scan-finished', 'scan-finished', 'scan-finished']);
  });

  test('hears of files by polling where the file system sends no events', async () => {
    process.env['CHOKIDAR_USEPOLLING'] = 'true';
    try {
      const heard = open(root);
      await heard.untilScanned();
      await writeOld(join(root, 'polled.txt'));
      await heard.untilSeen('polled.txt');
      expect(heard.ids()).toContain('polled.txt');
    } finally {
      delete process.env['CHOKIDAR_USEPOLLING'];
    }
  });

  test('keeps quiet once it is unsubscribed from, at whatever moment', async () => {
    await writeOld(join(root, 'a.txt'));
    const early = open(root);
    early.subscription?.unsubscribe();
    const soon = open(root);
    await soon.untilSeen('a.txt');
    soon.subscription?.unsubscribe();
    const heard = open(root);
    await heard.untilScanned();
    await writeOld(join(root, 'b.txt'));
    await heard.untilSeen('b.txt');
    expect([early.events.length, soon.ids()]).toEqual([0, ['a.txt']]);
  });
});

describe('an inbox that goes away', () => {
  test('is told as lost and found, and watched again when it was deleted and made again', async () => {
    const heard = open(root);
    await heard.untilScanned();
    await rm(root, { recursive: true });
    await heard.until(() => heard.types().includes('inbox-lost'));
    expect(heard.events.at(-1)).toEqual({ type: 'inbox-lost', reason: expect.stringMatching(/does not exist/) });
    await mkdir(root);
    await writeOld(join(root, 'a.txt'));
    await heard.untilSeen('a.txt');
    expect(heard.types()).toContain('inbox-found');
    await writeOld(join(root, 'b.txt'));
    await heard.untilSeen('b.txt');
  });

  test('is noticed though another folder took its place between two looks', async () => {
    const heard = open(root);
    await heard.untilScanned();
    rmSync(root, { recursive: true });
    renameSync(elsewhere, root);
    await heard.until(() => heard.types().includes('inbox-found'));
    expect(heard.types()).toEqual(['scan-finished', 'inbox-lost', 'inbox-found']);
    await heard.until(() => heard.types().filter((type) => type === 'scan-finished').length === 2);
    await writeOld(join(root, 'b.txt'));
    await heard.untilSeen('b.txt');
  });

  test('may be missing at start', async () => {
    await rm(root, { recursive: true });
    const heard = open(root);
    await heard.until(() => heard.types().includes('inbox-lost'));
    await mkdir(root);
    await writeOld(join(root, 'a.txt'));
    await heard.untilScanned();
    expect(heard.types()).toEqual(['inbox-lost', 'inbox-found', 'document-seen', 'scan-finished']);
  });
});
