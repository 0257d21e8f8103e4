import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { errorCode, errorMessage } from '../domain/errors.ts';
import type { ReleaseDisk } from './release-disk.ts';
import { sha256Of } from './sha256-of.ts';
import { shelve } from './shelve.ts';

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
export async function takeClaim(disk: ReleaseDisk, file: string): Promise<string | undefined> {
  const folder = join(dirname(file), `.sluice-leaving-${randomUUID()}`);
  const claimed = join(folder, basename(file));
  try {
    await disk.mkdir(folder);
    await disk.rename(file, claimed);
    return claimed;
  } catch (error) {
    await endClaim(disk, folder);
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes the folder of a claim where it is empty; where it stays, the next start finds it. */
export async function endClaim(disk: ReleaseDisk, folder: string): Promise<void> {
  await disk.rmdir(folder).catch(() => undefined);
}

/**
 * Puts what was taken back to the place of `id` below the inbox. Where another file has come there, both stay: see
 * `shelve`. Does nothing where nothing is left to put back. Rejects with an error of the system's code that says where
 * it lies.
 */
export async function giveBack(disk: ReleaseDisk, claimed: string, root: string, id: string): Promise<void> {
  try {
    const stats = await look(disk, claimed);
    if (stats?.isFile() === true) await shelve(disk, claimed, root, { id, sha256: await sha256Of(disk, claimed) });
    else if (stats !== undefined) await giveBackOther(disk, claimed, join(root, id));
  } catch (error) {
    const message = `${errorMessage(error)}; it lies in ${claimed} until the next start puts it back`;
    throw Object.assign(new Error(message, { cause: error }), { code: errorCode(error) });
  }
}

/** No document: a link, a pipe, or a folder, of which there cannot be two names. */
async function giveBackOther(disk: ReleaseDisk, claimed: string, place: string): Promise<void> {
  if ((await look(disk, place)) !== undefined) throw new Error(`Something else is at ${place}`);
  await disk.rename(claimed, place);
}

async function look(disk: ReleaseDisk, path: string): Promise<Awaited<ReturnType<ReleaseDisk['lstat']>> | undefined> {
  try {
    return await disk.lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
