import { close, fsync, mkdir, open, rename, unlink, writeSync } from 'node:fs';
import * as promises from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode } from './errors.ts';

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

/** The calls that a durable write is made of: an argument, so that tests can let each of them fail. */
export interface WriteDisk {
  open(file: string, flags: string, mode?: number): Promise<number>;
  /** Writes from `offset` on; returns how many bytes were taken. */
  write(descriptor: number, bytes: Uint8Array, offset: number): number;
  fsync(descriptor: number): Promise<void>;
  close(descriptor: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(file: string): Promise<void>;
  /** With parents; resolves to the topmost folder that it made, or undefined where all were there. */
  makeFolder(folder: string): Promise<string | undefined>;
}

const makeFolders = promisify(mkdir);

/**
 * Callback calls, which cost about half of what `fs.promises` do here. Only the write is synchronous: it fills the page
 * cache. All that may wait for the disk leaves the event loop free.
 */
export const writeDisk: WriteDisk = {
  open: promisify(open),
  write: (descriptor, bytes, offset) => writeSync(descriptor, bytes, offset),
  fsync: promisify(fsync),
  close: promisify(close),
  rename: promisify(rename),
  unlink: promisify(unlink),
  makeFolder: (folder) => makeFolders(folder, { recursive: true }),
};

/** What is opened to be synced. */
interface SyncedFile {
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What the ledger asks of the file system beside SQLite: an argument, so that tests can let each call fail. */
export interface SyncDisk {
  /** With parents. */
  makeFolder(folder: string): Promise<unknown>;
  open(file: string, flags: string): Promise<SyncedFile>;
  read(file: string): Promise<Buffer>;
  rename(from: string, to: string): Promise<void>;
}

export const syncDisk: SyncDisk = {
  makeFolder: (folder) => promises.mkdir(folder, { recursive: true }),
  open: (file, flags) => promises.open(file, flags),
  read: (file) => promises.readFile(file),
  rename: (from, to) => promises.rename(from, to),
};

/** The calls by which an input leaves the inbox: an argument, so that tests can let each of them fail. */
export type MoveDisk = Pick<
  typeof promises,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readFile' | 'rename' | 'rm' | 'rmdir' | 'unlink' | 'utimes'
>;

export const moveDisk: MoveDisk = promises;

/** Makes durable what a file holds, or the names that a folder holds. */
export async function syncPath(disk: Pick<MoveDisk, 'open'>, path: string): Promise<void> {
  try {
    const handle = await disk.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!UNSYNCABLE.has(errorCode(error))) throw error;
  }
}

/** Codes of what file systems answer that cannot sync a folder, or need not. */
export const UNSYNCABLE: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EACCES',
  'EISDIR',
  'ENOTTY',
]);
