import * as promises from 'node:fs/promises';

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
