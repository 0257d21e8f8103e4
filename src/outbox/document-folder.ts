import { DiskTrouble, errorCode } from '../domain/errors.ts';
import type { ResultPlace } from '../domain/request.ts';
import type { AtomicWriter } from './atomic-writer.ts';
import { trouble } from './disk-errors.ts';
import { fileAt } from './file-at.ts';
import { openPlaces } from './open-places.ts';
import type { WriteDisk } from './real-disk.ts';
import { requireRoom } from './require-room.ts';
import { cut } from './result-names.ts';
import { sweepTemps } from './sweep-temps.ts';

/** Bytes of a file's name, at most. */
const NAME_BYTES = 255;

/**
 * Files of documents in one folder: for each place one of that name, and others whose names go on with a suffix. What its
 * methods throw or reject with is `DiskTrouble` or `PathTrouble`.
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

/** @throws DiskTrouble where the folder can neither be made nor written to */
export function openDocumentFolder(
  folder: string,
  writer: AtomicWriter,
  disk: Pick<WriteDisk, 'unlink'>,
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

  async function unlink(file: string): Promise<void> {
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
      await troubled(file, () => unlink(file));
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
    throw new DiskTrouble(trouble(error, folder, folder).message, { cause: error });
  }
}
