import { basename, dirname, join } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import { lookAgain } from './look-again.ts';
import type { MoveDisk } from './release-disk.ts';
import { syncPath } from './sync-path.ts';

/** In a claim: the files of the folder that lies there are to go. No document has a hidden name. */
export const DOOM = '.going';

/**
 * Removes what is left of a document that was taken: nothing but files that belong to it, and the folders that are empty
 * then. A folder's files go one by one, so it is marked first: what a killed process left of them must not come back as a
 * document of its own (`isDoomed`).
 */
export async function discard(disk: MoveDisk, claimed: string): Promise<void> {
  const sightings = [...lookAgain(dirname(claimed), basename(claimed))];
  const folder = sightings.find((sighting) => 'files' in sighting);
  if (folder === undefined && !sightings.some(({ kind }) => kind === 'folder')) return unlinkIfThere(disk, claimed);
  await disk.mkdir(doomOf(claimed), { recursive: true });
  await syncPath(disk, dirname(claimed));
  for (const { name } of folder?.files ?? []) {
    // oxlint-disable-next-line no-await-in-loop -- in their order
    await unlinkIfThere(disk, join(claimed, name));
  }
  const folders = sightings.flatMap((sighting) => (sighting.kind === 'folder' ? [sighting.id] : []));
  for (const id of folders.toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- the innermost first
    await removeIfEmpty(disk, join(dirname(claimed), id));
  }
  await disk.rmdir(doomOf(claimed));
}

/** Whether what was taken was to be discarded, and is not all gone. */
export async function isDoomed(disk: MoveDisk, claimed: string): Promise<boolean> {
  try {
    await disk.lstat(doomOf(claimed));
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function doomOf(claimed: string): string {
  return join(dirname(claimed), DOOM);
}

async function unlinkIfThere(disk: MoveDisk, file: string): Promise<void> {
  try {
    await disk.unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** What is ignored in it, or came into it, stays. */
async function removeIfEmpty(disk: MoveDisk, folder: string): Promise<void> {
  try {
    await disk.rmdir(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error))) throw error;
  }
}
