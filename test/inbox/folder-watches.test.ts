import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { FolderWatches } from '../../src/inbox/folder-watches.ts';
import { createInbox } from '../../src/inbox/inbox.ts';
import { makeFolder, settingsOf, writeOld } from './support.ts';

let root: string;

beforeEach(async () => {
  root = await makeFolder();
});

const openWatches = (): number => process.getActiveResourcesInfo().filter((type) => type === 'FSEventWrap').length;

/** The number of open watches, once it is what it should be or does not become so in time. */
async function settledWatches(expected: number): Promise<number> {
  for (let tries = 0; openWatches() !== expected && tries < 500; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- polling: a handle that closes reports it to no one
    await setTimeout(10);
  }
  return openWatches();
}

describe('watches on folders', () => {
  test('there is one for each folder, not for each file', async () => {
    await mkdir(join(root, 'sub'));
    await Promise.all(Array.from({ length: 50 }, (_, index) => writeOld(join(root, `${index}.txt`))));
    const watches = new FolderWatches(root);
    await Promise.all([watches.enter(''), watches.enter('sub'), watches.enter('')]);
    expect(openWatches()).toBe(2);
    watches.prune();
    expect(openWatches()).toBe(2);
    await rm(join(root, 'sub'), { recursive: true });
    watches.prune();
    expect(await settledWatches(1)).toBe(1);
    watches.close();
    expect(await settledWatches(0)).toBe(0);
  });

  test('a hint names what happened in which folder', async () => {
    await mkdir(join(root, 'sub'));
    const watches = new FolderWatches(root);
    await watches.enter('sub');
    const hint = firstValueFrom(watches.hints);
    await writeOld(join(root, 'sub/a.txt'));
    expect(await hint).toBe('sub/a.txt');
    watches.close();
  });

  test('a folder that was made again is watched again', async () => {
    await mkdir(join(root, 'sub'));
    const watches = new FolderWatches(root);
    await watches.enter('sub');
    await rm(join(root, 'sub'), { recursive: true });
    await mkdir(join(root, 'sub'));
    await watches.enter('sub');
    const hint = firstValueFrom(watches.hints);
    await writeOld(join(root, 'sub/a.txt'));
    expect(await hint).toMatch(/^sub/);
    watches.close();
    expect(await settledWatches(0)).toBe(0);
  });

  test('a folder that vanished before it could be watched holds up no one', async () => {
    const watches = new FolderWatches(root);
    await expect(watches.enter('none')).resolves.toBeUndefined();
    watches.close();
    expect(await settledWatches(0)).toBe(0);
  });

  test('closing while watches are being opened leaves none', async () => {
    await mkdir(join(root, 'sub'));
    const watches = new FolderWatches(root);
    const opened = Promise.all([watches.enter(''), watches.enter('sub')]);
    watches.close();
    await opened;
    await watches.enter('');
    expect(await settledWatches(0)).toBe(0);
  });

  test('an inbox that is left at its first event leaves none', async () => {
    await mkdir(join(root, 'sub'));
    await writeOld(join(root, 'sub/a.txt'));
    for (let round = 0; round < 20; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: each may leak
      await firstValueFrom(createInbox(settingsOf(root)).events);
    }
    expect(await settledWatches(0)).toBe(0);
  });
});
