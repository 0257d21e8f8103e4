import { close, fsync, mkdir, open, rename, unlink, writeSync } from 'node:fs';
import { promisify } from 'node:util';

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
