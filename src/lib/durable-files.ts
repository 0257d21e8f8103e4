import { errorCode } from '../domain/errors.ts';
import { UNSYNCABLE } from '../domain/unsyncable.ts';
import type { WriteDisk } from '../outbox/real-disk.ts';

/** The folder is gone, and so is what was in it. */
const GONE = 'ENOENT';

/**
 * Makes renames in a folder durable. Whoever asks while a sync of that folder is under way shares the next one: a sync
 * that began before a rename does not cover it.
 */
export function createFolderSync(disk: WriteDisk): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  async function run(folder: string, previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => undefined);
    const sync = syncFolder(disk, folder);
    next.delete(folder);
    running.set(folder, sync);
    try {
      await sync;
    } finally {
      if (running.get(folder) === sync) running.delete(folder);
    }
  }

  return (folder) => {
    const joined = next.get(folder);
    if (joined !== undefined) return joined;
    const started = run(folder, running.get(folder));
    next.set(folder, started);
    return started;
  };
}

async function syncFolder(disk: WriteDisk, folder: string): Promise<void> {
  try {
    const descriptor = await disk.open(folder, 'r');
    try {
      await disk.fsync(descriptor);
    } finally {
      await disk.close(descriptor);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code !== GONE && !UNSYNCABLE.has(code)) throw error;
  }
}
