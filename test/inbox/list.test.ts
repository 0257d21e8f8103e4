import { appendFileSync, chmodSync, lstatSync } from 'node:fs';
import { chmod, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { finalize, interval, lastValueFrom, NEVER, type Observable, tap, toArray } from 'rxjs';
import type { InboxEvent } from '../../src/domain/events.ts';
import { listInbox } from '../../src/inbox/inbox.ts';
import { asOrdinaryUser, listed, makeFolder, open, writeOld } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

describe('a single listing', () => {
  test('reports every document, then of the scan, and ends', async () => {
    await mkdir(join(root, 'sub'));
    await writeOld(join(root, 'b.txt'));
    await writeOld(join(root, 'sub/a.txt'), 'longer');
    await writeOld(join(root, '.hidden'));
    const { events } = await listed(root, { byName: true });
    const stateOf = (id: string) => {
      const { ctimeMs, ino: inode } = lstatSync(join(root, id));
      return { id, mtimeMs: 1e12, ctimeMs, inode };
    };
    expect(events).toEqual([
      { type: 'document-seen', document: { ...stateOf('b.txt'), size: 4 }, initial: true },
      { type: 'document-seen', document: { ...stateOf('sub/a.txt'), size: 6 }, initial: true },
      {
        type: 'scan-finished',
        initial: true,
        documents: 2,
        settling: 0,
        ignored: { 'hidden names': 1 },
        seconds: expect.any(Number),
      },
    ]);
  });

  test('waits for files that are too young', async () => {
    await writeFile(join(root, 'young.txt'), 'x');
    const heard = await listed(root, { settleSeconds: 0.3 });
    expect(heard.events).toMatchObject([
      { type: 'scan-finished', documents: 0, settling: 1 },
      { type: 'document-seen', document: { id: 'young.txt' }, initial: true },
    ]);
  });

  test('tells a trial of files that are too young when it comes to them', async () => {
    await writeFile(join(root, 'a.txt'), 'x');
    await writeOld(join(root, 'b.txt'));
    const { events } = await listed(root, { settleSeconds: 0.3, byName: true });
    expect(events).toMatchObject([
      { type: 'document-young', document: { id: 'a.txt' } },
      { type: 'document-seen', document: { id: 'b.txt' } },
      { type: 'scan-finished', documents: 1, settling: 1 },
      { type: 'document-seen', document: { id: 'a.txt' } },
    ]);
  });

  test('names the globs that match no document', async () => {
    await writeOld(join(root, 'b.txt'));
    const { events } = await listed(root, { include: ['*.txt'], exclude: ['note-1.mdx'] });
    expect(events.at(-1)).toMatchObject({ documents: 1, unmatched: ["--exclude 'note-1.mdx'"] });
  });

  test('waits for a file whose time lies in the future', async () => {
    await writeFile(join(root, 'future.txt'), 'x');
    await utimes(join(root, 'future.txt'), 4e9, 4e9);
    expect((await listed(root)).ids()).toEqual(['future.txt']);
  });

  test('takes a young file that cannot be looked at any more for one that did not settle', async () => {
    const folder = join(root, 'sub');
    await mkdir(folder);
    await writeFile(join(folder, 'young.txt'), 'x');
    const bar = (): void => {
      chmodSync(folder, 0o000);
      if (process.getuid?.() === 0) process.seteuid?.(65_534);
    };
    const events = listInbox({ root, byName: true, settleSeconds: 0.2, patienceSeconds: 0.6, closing: NEVER }).pipe(
      tap(({ type }) => type === 'scan-finished' && bar()),
      finalize(() => process.getuid?.() === 0 && process.seteuid?.(0)),
      toArray(),
    );
    expect((await lastValueFrom(events)).at(-1)).toEqual({ type: 'document-unsettled', id: 'sub/young.txt' });
    await chmod(folder, 0o755);
  });

  test('says which files did not settle in time, and ends', async () => {
    const path = join(root, 'growing.txt');
    await writeFile(path, 'x');
    await writeOld(join(root, 'old.txt'));
    const ended = listInbox({ root, byName: false, settleSeconds: 0.5, patienceSeconds: 1, closing: NEVER });
    expect(await whileGrowing(path, ended)).toMatchObject([
      { type: 'document-seen', document: { id: 'old.txt' } },
      { type: 'scan-finished', settling: 1 },
      { type: 'document-unsettled', id: 'growing.txt' },
    ]);
  });

  test('waits for a folder into which a file is on its way, and says in the end that it did not settle', async () => {
    await mkdir(join(root, 'x.doc'));
    await writeOld(join(root, 'x.doc/1.txt'));
    await writeOld(join(root, 'x.doc/2.txt.part'));
    await utimes(join(root, 'x.doc'), 1e9, 1e9);
    const events = listInbox({ root, byName: false, settleSeconds: 0.2, patienceSeconds: 0.5, closing: NEVER }).pipe(
      toArray(),
    );
    expect(await lastValueFrom(events)).toMatchObject([
      { type: 'scan-finished', documents: 0, settling: 1 },
      { type: 'document-unsettled', id: 'x.doc' },
    ]);
  });

  test('takes such a folder once the file has come', async () => {
    await mkdir(join(root, 'x.doc'));
    await writeOld(join(root, 'x.doc/1.txt'));
    await writeOld(join(root, 'x.doc/2.txt.part'));
    const heard = open(root, { once: true });
    await heard.untilScanned();
    await rename(join(root, 'x.doc/2.txt.part'), join(root, 'x.doc/2.txt'));
    await heard.until(({ completed }) => completed);
    expect(heard.types()).toEqual(['scan-finished', 'document-seen']);
  });

  test('does not wait for a young file that vanishes', async () => {
    await writeFile(join(root, 'young.txt'), 'x');
    const heard = open(root, { once: true, settleSeconds: 0.3 });
    await heard.untilScanned();
    await rm(join(root, 'young.txt'));
    await heard.until(({ completed }) => completed);
    expect(heard.types()).toEqual(['scan-finished']);
  });

  test('says that the inbox is not there, or is no folder', async () => {
    expect((await listed(join(root, 'none'))).events).toEqual([
      { type: 'inbox-lost', reason: expect.stringMatching(/does not exist/) },
    ]);
    await writeFile(join(root, 'file'), 'x');
    expect((await listed(join(root, 'file'))).events).toEqual([
      { type: 'inbox-lost', reason: expect.stringMatching(/is not a folder/) },
    ]);
  });

  test('says that it may not list the inbox', async () => {
    await chmod(root, 0);
    const { events } = await asOrdinaryUser(() => listed(root));
    expect(events).toEqual([{ type: 'inbox-lost', reason: expect.stringMatching(/permissions/) }]);
  });

  test('an empty inbox is a scan without documents', async () => {
    expect((await listed(root)).events).toMatchObject([{ type: 'scan-finished', documents: 0, settling: 0 }]);
  });
});

/** Lets the file grow until the inbox has nothing more to tell. */
function whileGrowing(path: string, events: Observable<InboxEvent>): Promise<InboxEvent[]> {
  const growth = interval(20).pipe(tap(() => appendFileSync(path, 'x')));
  return new Promise((resolve, reject) => {
    const growing = growth.subscribe();
    lastValueFrom(events.pipe(toArray()))
      .finally(() => growing.unsubscribe())
      .then(resolve, reject);
  });
}
