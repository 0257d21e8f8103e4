import { randomUUID } from 'node:crypto';
import { type Dirent, unlinkSync } from 'node:fs';
import { opendir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFolderSync, type Disk, makeFolder } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';

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

/** Writes files whole or not at all, durably. */
export class AtomicWriter {
  readonly #disk: Disk;
  readonly #syncFolder: (folder: string) => Promise<void>;
  readonly #temps = new Set<string>();
  #abandoned = false;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#syncFolder = createFolderSync(disk);
  }

  /**
   * Writes a file in place of what was there; makes folders as needed. Rejects with the system's error, and leaves no
   * temp file then.
   *
   * @param tries that failed already
   */
  async write(file: string, content: string | Uint8Array, tries = 0): Promise<void> {
    try {
      await this.#writeOnce(file, typeof content === 'string' ? Buffer.from(content) : content);
    } catch (error) {
      const wait = FURTHER_TRIES[errorCode(error)]?.[tries];
      if (wait === undefined || this.#abandoned) throw error;
      await delay(wait);
      if (errorCode(error) === 'ENOENT') await makeFolder(this.#disk, dirname(file), this.#syncFolder);
      await this.write(file, content, tries + 1);
    }
  }

  /** Whether `file` is a temp file of a write that is under way. */
  owns(file: string): boolean {
    return this.#temps.has(file);
  }

  /** For a process that ends now: unlinks at once what is half-written; no write is finished after that. */
  abandon(): void {
    this.#abandoned = true;
    this.#temps.forEach(unlinkQuietly);
  }

  async #writeOnce(file: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(file);
    const temp = join(folder, tempName());
    this.#temps.add(temp);
    try {
      await writeDurably(this.#disk, temp, bytes);
      if (this.#abandoned) throw new Error('The process is ending.');
      await this.#disk.rename(temp, file);
    } catch (error) {
      unlinkQuietly(temp);
      throw error;
    } finally {
      this.#temps.delete(temp);
    }
    await this.#syncFolder(folder);
  }
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
    // It was never made; or the disk refuses, and the sweep of the next start removes it.
  }
}

/** Bytes of a temp file's name. */
export const TEMP_NAME_BYTES = 48;

/** Also the name by which `probeFolding` tries accents, in either spelling. */
const PATTERN = /^\.sluic(?:e|é)-[0-9a-f-]{36}\.tmp$/;

/** A new name for a temp file: a dotfile that ends in `.tmp` is neither a document nor a result. */
export function tempName(): string {
  return `.sluice-${randomUUID()}.tmp`;
}

export function isTempName(name: string): boolean {
  return PATTERN.test(name.normalize('NFC'));
}

/** Entries per call: the event loop is free in between, and memory stays flat however many there are. */
const AT_ONCE = 256;

/**
 * Removes the temp files below a folder, except those in use, and resolves to their number. What cannot be listed or
 * removed is passed over; at the end it rejects with the system's error. `onFile` gets all other entries but folders.
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
