import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { errorCode, errorMessage } from '../domain/errors.ts';
import { DOOM, discard, isDoomed } from './discard.ts';
import { shelve } from './move.ts';
import type { MoveDisk } from './release-disk.ts';
import { versionOf } from './version-of.ts';

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
