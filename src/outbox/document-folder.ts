import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { opendir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiskError, PathError } from '../domain/errors.ts';
import type { ResultPlace } from '../domain/request.ts';
import type { Disk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { type AtomicWriter, isTempName } from './atomic-writer.ts';
import { trouble } from './disk-errors.ts';
import { cut, openPlaces } from './result-names.ts';

/** Bytes of a file's name, at most. */
const NAME_BYTES = 255;

/**
 * Files of documents in one folder: for each place one of that name, and others whose names go on with a suffix. What its
 * methods throw or reject with is `DiskError` or `PathError`.
 */
export interface DocumentFolder {
  /** Where a file lies, or would lie. */
  pathOf(place: ResultPlace, suffix: string): string;
  /** The path below the folder and the mtime (ms) of the place's file without a suffix; null where there is none. */
  find(place: ResultPlace): { readonly path: string; readonly mtimeMs: number } | null;
  /** Resolves to the file's path below the folder. */
  write(place: ResultPlace, suffix: string, content: string | Uint8Array): Promise<string>;
  /**
   * Resolves to whether there was such a file, last written before a time (ms since the epoch): it is gone then.
   *
   * @param before default: whatever time
   */
  remove(place: ResultPlace, suffix: string, before?: number): Promise<boolean>;
  /** Throws where a look tells that one of the files could not be written. */
  requireRoom(place: ResultPlace, suffixes: readonly string[]): void;
  /** Removes temp files that a dead process left. Resolves to how many there were. */
  sweep(): Promise<number>;
}

/** @throws DiskError where the folder can neither be made nor written to */
export function openDocumentFolder(
  folder: string,
  writer: AtomicWriter,
  disk: Pick<Disk, 'unlink'>,
): DocumentFolder {
  const nameOf = places(folder);
  const pathOf = (place: ResultPlace, suffix: string): string =>
    `${folder}/${withSuffix(nameOf(place) + place.ending, suffix)}`;

  const below = (file: string): string => file.slice(folder.length + 1);

  async function troubled<T>(file: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw trouble(error, file, folder);
    }
  }

  async function removeFile(file: string): Promise<void> {
    await disk.unlink(file).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }

  return {
    pathOf,
    find: (place) => {
      const file = pathOf(place, '');
      const stats = fileAt(file);
      return stats === undefined ? null : { path: below(file), mtimeMs: stats.mtimeMs };
    },
    write: async (place, suffix, content) => {
      const file = pathOf(place, suffix);
      await troubled(file, () => writer.write(file, content));
      return below(file);
    },
    remove: async (place, suffix, before = Number.POSITIVE_INFINITY) => {
      const file = pathOf(place, suffix);
      const stats = fileAt(file);
      if (stats === undefined || stats.mtimeMs >= before) return false;
      await troubled(file, () => removeFile(file));
      return true;
    },
    requireRoom: (place, suffixes) => {
      requireRoom(
        suffixes.map((suffix) => pathOf(place, suffix)),
        folder,
      );
    },
    sweep: () => troubled(folder, () => sweepTemps(folder, (file) => writer.owns(file))),
  };
}

/** A name that has no room left for the suffix is cut once more. */
function withSuffix(path: string, suffix: string): string {
  const start = path.lastIndexOf('/') + 1;
  const name = path.slice(start);
  const hasRoom = suffix === '' || Buffer.byteLength(name) + suffix.length <= NAME_BYTES;
  return (hasRoom ? path : path.slice(0, start) + cut(name, name)) + suffix;
}

function places(folder: string): (place: ResultPlace) => string {
  try {
    return openPlaces(folder);
  } catch (error) {
    // Whatever bars the whole folder bars every document.
    throw new DiskError(trouble(error, folder, folder).message, { cause: error });
  }
}

/**
 * Looks whether files in one folder below `root` could be written: that no folder has their names, and that the folders
 * above them are ours to write to, or to make. It writes nothing, so it cannot know all: a disk may be full.
 *
 * @throws PathError, DiskError
 */
export function requireRoom(files: readonly string[], root: string): void {
  for (const file of files) attempt(file, root, () => requireNoFolder(file));
  const [first = root] = files;
  attempt(first, root, () => accessSync(nearestFolder(dirname(first), root), constants.W_OK | constants.X_OK));
}

function attempt(file: string, root: string, look: () => void): void {
  try {
    look();
  } catch (error) {
    throw trouble(error, file, root);
  }
}

function requireNoFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw systemError('EISDIR');
}

/** The folder itself, or the lowest one above it that is there. */
function nearestFolder(folder: string, root: string): string {
  const isThere = folder.length <= root.length || statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere ? folder : nearestFolder(dirname(folder), root);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** What bars the way to one path. */
const OF_ONE_PATH = new Set(['EACCES', 'ELOOP', 'ENAMETOOLONG']);

/**
 * The file at a path; undefined where there is none.
 *
 * @throws PathError where the way to it is barred, DiskError where the disk does not tell
 */
export function fileAt(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTDIR') return undefined;
    const Kind = OF_ONE_PATH.has(code) ? PathError : DiskError;
    throw new Kind(`The disk does not tell whether ${path} is there: ${errorMessage(error)}`, { cause: error });
  }
}

/** Entries per call: it leaves the event loop free in between, and memory flat however much lies there. */
const AT_ONCE = 256;

/**
 * Removes the temp files below a folder, except those in use. Resolves to how many there were. What cannot be listed or
 * removed is passed over, and rejects with the system's error when all the rest is done.
 */
export async function sweepTemps(folder: string, inUse: (file: string) => boolean): Promise<number> {
  const troubles: unknown[] = [];
  const passOver = (error: unknown): number => {
    if (errorCode(error) !== 'ENOENT') troubles.push(error);
    return 0;
  };

  async function sweep(path: string): Promise<number> {
    let swept = 0;
    for await (const entry of await opendir(path, { bufferSize: AT_ONCE })) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) swept += await sweep(inside).catch(passOver);
      else if (isTempName(entry.name) && !inUse(inside)) swept += await remove(inside).catch(passOver);
    }
    return swept;
  }

  const swept = await sweep(folder).catch(passOver);
  if (troubles.length > 0) throw troubles[0];
  return swept;
}

async function remove(file: string): Promise<number> {
  await unlink(file);
  return 1;
}
