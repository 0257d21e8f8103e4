import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './errors.ts';

/** The calls that write and move files: an argument, so that tests can let each of them fail. */
export interface Disk {
  open(file: string, flags: string, mode?: number): Promise<number>;
  /** Writes from `offset` on. Returns how many bytes were taken. */
  write(descriptor: number, bytes: Uint8Array, offset: number): number;
  fsync(descriptor: number): Promise<void>;
  /** As `fsync`, without the times of the file. */
  datasync(descriptor: number): Promise<void>;
  close(descriptor: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(file: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  /** Rejects with `EEXIST` if something has the name `to`. */
  copyFile(from: string, to: string): Promise<void>;
  readFile(file: string): Promise<Buffer>;
  lstat(path: string): Promise<fs.Stats>;
  utimes(file: string, accessed: Date, modified: Date): Promise<void>;
  mkdir(folder: string): Promise<void>;
  rmdir(folder: string): Promise<void>;
  /** With all that is in it. No error if nothing is there. */
  removeAll(path: string): Promise<void>;
}

const copyFile = promisify(fs.copyFile);
const mkdir = promisify(fs.mkdir);
const rm = promisify(fs.rm);

/**
 * Callback calls, which cost about half of what `fs.promises` do here. Two are synchronous: the write fills the page cache,
 * and the close comes after a sync. All that may wait for the disk leaves the event loop free.
 */
export const realDisk: Disk = {
  open: promisify(fs.open),
  write: (descriptor, bytes, offset) => fs.writeSync(descriptor, bytes, offset),
  fsync: promisify(fs.fsync),
  datasync: promisify(fs.fdatasync),
  close: async (descriptor) => fs.closeSync(descriptor),
  rename: promisify(fs.rename),
  unlink: promisify(fs.unlink),
  link: promisify(fs.link),
  copyFile: (from, to) => copyFile(from, to, fs.constants.COPYFILE_EXCL),
  readFile: promisify(fs.readFile),
  lstat: promisify(fs.lstat),
  utimes: promisify(fs.utimes),
  mkdir: (folder) => mkdir(folder),
  rmdir: promisify(fs.rmdir),
  removeAll: (path) => rm(path, { recursive: true, force: true }),
};

/** The answers of file systems that cannot sync a folder, or need not. */
const UNSYNCABLE: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EACCES',
  'EISDIR',
  'ENOTTY',
]);

/** Makes durable what a file holds, or the names that a folder holds. */
export async function syncPath(disk: Pick<Disk, 'open' | 'fsync' | 'close'>, path: string): Promise<void> {
  try {
    const descriptor = await disk.open(path, 'r');
    try {
      await disk.fsync(descriptor);
    } finally {
      await disk.close(descriptor);
    }
  } catch (error) {
    if (!UNSYNCABLE.has(errorCode(error))) throw error;
  }
}

/**
 * Makes renames in a folder durable. All that come while a sync of that folder runs share the next one: a sync that began
 * before a rename does not cover it. A folder that is gone needs none.
 */
export function createFolderSync(disk: Disk): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  async function run(folder: string, previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => undefined);
    const sync = syncPath(disk, folder).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
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

/**
 * Makes a folder with its parents, durably: `sync` is called with each folder in which one was made. Node's recursive `mkdir`
 * never ends if the file system answers `ENOENT` to a name that it cannot hold.
 */
export async function makeFolder(
  disk: Pick<Disk, 'mkdir'>,
  folder: string,
  sync: (folder: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(folder);
  try {
    await disk.mkdir(folder).catch(async (error: unknown) => {
      if (errorCode(error) !== 'ENOENT' || parent === folder) throw error;
      await makeFolder(disk, parent, sync);
      await disk.mkdir(folder);
    });
  } catch (error) {
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
    throw error;
  }
  await sync(parent);
}
