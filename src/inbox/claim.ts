import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type MoveDisk, syncPath } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { lookAgain } from './folder-document.ts';
import { shelve, versionOf } from './move.ts';

/** A hidden name: neither a scan nor a watch looks into such a folder. */
const PATTERN = /^\.sluice-leaving-[0-9a-f-]{36}$/;

/** Whether a folder of this name holds what was taken by `takeClaim`. */
export function isClaimName(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * Takes whatever lies at a path, in one step and under its own name, into a new hidden folder beside it: there it can be
 * looked at while nobody replaces it, and its way back is plain. Resolves to where it lies; undefined where nothing was.
 */
export async function takeClaim(disk: MoveDisk, path: string): Promise<string | undefined> {
  const folder = join(dirname(path), `.sluice-leaving-${randomUUID()}`);
  const claimed = join(folder, basename(path));
  try {
    await disk.mkdir(folder);
    await disk.rename(path, claimed);
    return claimed;
  } catch (error) {
    await removeClaim(disk, folder);
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Ends a claim, also one that a killed process left: what was to be discarded goes, and what is left then goes back to
 * the place of `id` below the inbox. Where another document has come there, both stay: see `shelve`. Resolves to
 * whether something went back; rejects with an error of the system's code that says where it lies.
 */
export async function endClaim(disk: MoveDisk, claimed: string, root: string, id: string): Promise<boolean> {
  try {
    if (await isDoomed(disk, claimed)) await discard(disk, claimed);
    const returned = await giveBack(disk, claimed, root, id);
    await removeClaim(disk, dirname(claimed));
    return returned;
  } catch (error) {
    const message = `${errorMessage(error)}; it lies in ${claimed} until the next start sees to it`;
    throw Object.assign(new Error(message, { cause: error }), { code: errorCode(error) });
  }
}

/** Removes the folder of a claim where nothing is in it but a mark; where it stays, the next start finds it. */
export async function removeClaim(disk: MoveDisk, folder: string): Promise<void> {
  try {
    await disk.rmdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY') return;
    await disk.rmdir(join(folder, DOOM)).catch(() => undefined);
    await disk.rmdir(folder).catch(() => undefined);
  }
}

/** False where nothing is left. */
async function giveBack(disk: MoveDisk, claimed: string, root: string, id: string): Promise<boolean> {
  if (!(await exists(disk, claimed))) return false;
  const sha256 = await versionOf(disk, claimed);
  if (sha256 === null) await giveBackOther(disk, claimed, join(root, id));
  else await shelve(disk, claimed, root, { id, sha256 });
  // The same may have come to its place.
  if (sha256 !== null) await discard(disk, claimed);
  return true;
}

/** No document: a link, a pipe, or a folder, of which there cannot be two names. */
async function giveBackOther(disk: MoveDisk, claimed: string, place: string): Promise<void> {
  if (await exists(disk, place)) throw new Error(`Something else is at ${place}`);
  await disk.rename(claimed, place);
}

async function exists(disk: MoveDisk, path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** In a claim: the files of the folder that lies there are to go. No document has a hidden name. */
const DOOM = '.going';

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
async function isDoomed(disk: MoveDisk, claimed: string): Promise<boolean> {
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
