import { randomUUID } from 'node:crypto';
import { type Dirent, unlinkSync } from 'node:fs';
import { opendir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFolderSync, type Disk, makeFolder } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';

export interface AtomicWriter {
  /**
   * Writes a file whole or not at all, durably, in place of what was there; makes folders as needed. Rejects with the
   * system's error, and leaves no temp file then.
   */
  write(file: string, content: string | Uint8Array): Promise<void>;
  /** Whether `file` is a temp file of a write that is under way. */
  owns(file: string): boolean;
  /** For a process that ends now: unlinks at once what is half-written; no write is finished after that. */
  abandon(): void;
}

/**
 * Milliseconds before each further try, by the error's code. Each try writes all bytes again under a new name: after a
 * failed fsync the kernel may have dropped them, and a second fsync would still report success.
 */
const FURTHER_TRIES: Readonly<Record<string, readonly number[]>> = {
  EIO: [0],
  /** The folder, or the temp file, was deleted by another program. */
  ENOENT: [0, 0],
  EMFILE: [50, 100, 200, 400],
  ENFILE: [50, 100, 200, 400],
};

export function createAtomicWriter(disk: Disk): AtomicWriter {
  const temps = new Set<string>();
  const syncFolder = createFolderSync(disk);
  let abandoned = false;

  async function writeOnce(file: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(file);
    const temp = join(folder, tempName());
    temps.add(temp);
    try {
      await writeDurably(disk, temp, bytes);
      if (abandoned) throw new Error('The process is ending.');
      await disk.rename(temp, file);
    } catch (error) {
      unlinkQuietly(temp);
      throw error;
    } finally {
      temps.delete(temp);
    }
    await syncFolder(folder);
  }

  async function write(file: string, bytes: Uint8Array, tries = 0): Promise<void> {
    try {
      await writeOnce(file, bytes);
    } catch (error) {
      const wait = FURTHER_TRIES[errorCode(error)]?.[tries];
      if (wait === undefined || abandoned) throw error;
      await delay(wait);
      if (errorCode(error) === 'ENOENT') await makeFolder(disk, dirname(file), syncFolder);
      await write(file, bytes, tries + 1);
    }
  }

  return {
    write: (file, content) => write(file, typeof content === 'string' ? Buffer.from(content) : content),
    owns: (file) => temps.has(file),
    abandon: () => {
      abandoned = true;
      temps.forEach(unlinkQuietly);
    },
  };
}

async function writeDurably(disk: Disk, file: string, bytes: Uint8Array): Promise<void> {
  const descriptor = await disk.open(file, 'wx', 0o644);
  try {
    for (let written = 0; written < bytes.length; ) written += disk.write(descriptor, bytes, written);
    await disk.fsync(descriptor);
  } finally {
    await disk.close(descriptor);
  }
}

function unlinkQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or the disk refuses: then the sweep of the next start removes it.
  }
}

/** Bytes of a temp file's name. */
export const TEMP_NAME_BYTES = 48;

/** Also the name by which `probeFolding` tries accents, in either spelling. */
const PATTERN = /^\.sluic(?:e|é)-[0-9a-f-]{36}\.tmp$/;

/** A new name for a temp file: a dot name that ends in `.tmp`, so that it passes neither for a document nor for a result. */
export function tempName(): string {
  return `.sluice-${randomUUID()}.tmp`;
}

export function isTempName(name: string): boolean {
  return PATTERN.test(name.normalize('NFC'));
}

/** Entries per call: in between the event loop is free, and memory stays flat however much lies there. */
const AT_ONCE = 256;

/**
 * Removes the temp files below a folder, except those in use. Resolves to how many there were. What cannot be listed or
 * removed is passed over; when all the rest is done, it rejects with the system's error. `onFile` gets all that stays and
 * is no folder.
 */
export async function sweepTemps(
  folder: string,
  inUse: (file: string) => boolean,
  onFile: (entry: Dirent) => void = () => undefined,
): Promise<number> {
  const errors: unknown[] = [];
  const passOver = (error: unknown): number => {
    if (errorCode(error) !== 'ENOENT') errors.push(error);
    return 0;
  };

  async function sweep(path: string): Promise<number> {
    let swept = 0;
    for await (const entry of await opendir(path, { bufferSize: AT_ONCE })) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) swept += await sweep(inside).catch(passOver);
      else if (!isTempName(entry.name)) onFile(entry);
      else if (!inUse(inside)) swept += await unlink(inside).then(() => 1, passOver);
    }
    return swept;
  }

  const swept = await sweep(folder).catch(passOver);
  if (errors.length > 0) throw errors[0];
  return swept;
}
