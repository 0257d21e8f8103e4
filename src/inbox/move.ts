import { dirname, join } from 'node:path';
import { errorCode, PathTrouble } from '../domain/errors.ts';
import { moveExclusively } from './move-exclusively.ts';
import type { MoveDisk } from './release-disk.ts';
import { syncPath } from './sync-path.ts';
import { versionName } from './version-name.ts';
import { versionOf } from './version-of.ts';

const TAKEN = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR']);

/**
 * Moves a document to its place below a folder, durably and without touching what is there: to its id; where another
 * version lies there, to its id with its version. Where the same version lies, nothing is moved. Resolves to the path
 * below the folder. Rejects with the system's error, or `PathTrouble` where both names are taken.
 */
export async function shelve(
  disk: MoveDisk,
  from: string,
  folder: string,
  { id, sha256 }: { readonly id: string; readonly sha256: string },
): Promise<string> {
  const spare = versionName(id, sha256);
  if (await takePlace(disk, from, join(folder, id), sha256)) return id;
  if (await takePlace(disk, from, join(folder, spare), sha256)) return spare;
  throw new PathTrouble(`Other files have the names ${id} and ${spare} in ${folder}. Move one of them away.`);
}

/** False where something else is there. */
async function takePlace(disk: MoveDisk, from: string, place: string, sha256: string): Promise<boolean> {
  try {
    await moveExclusively(disk, from, place);
  } catch (error) {
    if (!TAKEN.has(errorCode(error))) throw error;
    if ((await versionOf(disk, place)) !== sha256) return false;
    await syncPath(disk, place);
    await syncPath(disk, dirname(place));
  }
  return true;
}
