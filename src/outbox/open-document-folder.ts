import { DiskTrouble, errorCode } from '../domain/errors.ts';
import type { AtomicWriter } from './create-atomic-writer.ts';
import { fileAt } from './file-at.ts';
import { openPlaces } from './open-places.ts';
import type { Disk } from './real-disk.ts';
import { requireRoom } from './require-room.ts';
import { sweepTemps } from './sweep-temps.ts';
import { trouble } from './trouble.ts';

/** What follows the name of a document in the names of its files. */
type Ending = '.md' | '.md.receipt.json' | '.error.json' | '.partial.md';

/** Files of documents in one folder. What its methods throw or reject with is `DiskTrouble` or `PathTrouble`. */
export interface DocumentFolder {
  /** Where a document's file lies, or would lie. */
  pathOf(id: string, ending: Ending): string;
  /** The file's path below the folder and its mtime (ms); null where there is none. */
  find(id: string, ending: Ending): { readonly path: string; readonly mtimeMs: number } | null;
  /** Resolves to the file's path below the folder. */
  write(id: string, ending: Ending, text: string): Promise<string>;
  /** Does nothing where there is no such file, or none that was last written before a time (ms since the epoch). */
  remove(id: string, ending: Ending, before?: number): Promise<void>;
  /** Throws where a look tells that one of the files could not be written. */
  requireRoom(id: string, endings: readonly Ending[]): void;
  /** Removes temp files that a dead process left. Resolves to how many there were. */
  sweep(): Promise<number>;
}

/** @throws DiskTrouble where the folder can neither be made nor written to */
export function openDocumentFolder(folder: string, writer: AtomicWriter, disk: Pick<Disk, 'unlink'>): DocumentFolder {
  const placeOf = places(folder);
  const pathOf = (id: string, ending: Ending): string => `${folder}/${placeOf(id)}${ending}`;

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
    find: (id, ending) => {
      const file = pathOf(id, ending);
      const stats = fileAt(file);
      return stats === undefined ? null : { path: below(file), mtimeMs: stats.mtimeMs };
    },
    write: async (id, ending, text) => {
      const file = pathOf(id, ending);
      await troubled(file, () => writer.write(file, text));
      return below(file);
    },
    remove: async (id, ending, before = Number.POSITIVE_INFINITY) => {
      const file = pathOf(id, ending);
      const stats = fileAt(file);
      if (stats !== undefined && stats.mtimeMs < before) await troubled(file, () => unlink(file));
    },
    requireRoom: (id, endings) => {
      const place = `${folder}/${placeOf(id)}`;
      requireRoom(
        endings.map((ending) => place + ending),
        folder,
      );
    },
    sweep: () => troubled(folder, () => sweepTemps(folder, (file) => writer.owns(file))),
  };
}

function places(folder: string): (id: string) => string {
  try {
    return openPlaces(folder);
  } catch (error) {
    // Whatever bars the whole folder bars every document.
    throw new DiskTrouble(trouble(error, folder, folder).message, { cause: error });
  }
}
