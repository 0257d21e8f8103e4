import { expect, test } from '@jest/globals';
import { createFolderSync, type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { failingDisk, makeFolder } from '../outbox/support.ts';

/** Counts the syncs, and how many of them ran at once at most. */
function countingDisk(): { disk: Disk; count: () => { syncs: number; atOnce: number } } {
  let syncs = 0;
  let running = 0;
  let atOnce = 0;
  const fsync = async (descriptor: number) => {
    syncs += 1;
    running += 1;
    atOnce = Math.max(atOnce, running);
    await realDisk.fsync(descriptor);
    running -= 1;
  };
  return { disk: { ...realDisk, fsync }, count: () => ({ syncs, atOnce }) };
}

test('all that wait share one sync, and one runs at a time', async () => {
  const { disk, count } = countingDisk();
  const sync = createFolderSync(disk);
  const folder = makeFolder();
  const first = sync(folder);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.all([first, ...Array.from({ length: 50 }, () => sync(folder))]);
  expect(count()).toEqual({ syncs: 2, atOnce: 1 });
  await sync(folder);
  expect(count().syncs).toBe(3);
});

test.each(['EINVAL', 'ENOTSUP', 'EPERM'])(
  'a file system that answers %s cannot sync folders: that is no error',
  async (code) => {
    await expect(createFolderSync(failingDisk('fsync', code))(makeFolder())).resolves.toBeUndefined();
  },
);

test('an error goes to those who waited for that sync, and to no others', async () => {
  const sync = createFolderSync(failingDisk('fsync', 'EIO', 1));
  const folder = makeFolder();
  await expect(Promise.all([sync(folder), sync(folder)])).rejects.toThrow('EIO');
  await expect(sync(folder)).resolves.toBeUndefined();
});
