import { dirname, join } from 'node:path';
import { errorCode, PathTrouble } from '../domain/errors.ts';
import { moveExclusively } from './move-exclusively.ts';
import type { ReleaseDisk } from './release-disk.ts';
import { sha256Of } from './sha256-of.ts';
import { syncPath } from './sync-path.ts';
import { versionName } from './version-name.ts';

/**
 * Moves a document to its place below a folder, durably and without touching what is there: to its id; where other bytes
 * lie there, to its id with its version. Where the same bytes lie, it just goes. Resolves to the path below the folder.
 * Rejects with the system's error, or `PathTrouble` where both names are taken.
 */
export async function shelve(
  disk: ReleaseDisk,
  file: string,
  folder: string,
  { id, sha256 }: { readonly id: string; readonly sha256: string },
): Promise<string> {
  const spare = versionName(id, sha256);
  if (await takePlace(disk, file, join(folder, id), sha256)) return id;
  if (await takePlace(disk, file, join(folder, spare), sha256)) return spare;
  throw new PathTrouble(`Other files have the names ${id} and ${spare} in ${folder}. Move one of them away.`);
}

/** False where something else is there. */
async function takePlace(disk: ReleaseDisk, file: string, place: string, sha256: string): Promise<boolean> {
  try {
    await moveExclusively(disk, file, place);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (!(await holds(disk, place, sha256))) return false;
    await syncPath(disk, place);
    await syncPath(disk, dirname(place));
    await disk.unlink(file);
  }
  return true;
}

/** Whether these bytes lie there in a file: nothing is read through a link, or from a pipe. */
async function holds(disk: ReleaseDisk, place: string, sha256: string): Promise<boolean> {
  return (await disk.lstat(place)).isFile() && (await sha256Of(disk, place)) === sha256;
}
