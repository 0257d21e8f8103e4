import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type Disk, syncPath } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { archiveMove, versionOf } from './archive.ts';
import { lookAgain } from './folder-document.ts';

/** Whether a folder of this name is a claim of `takeClaim`. The name is hidden: no scan and no watch looks into it. */
export function isClaimName(name: string): boolean {
  return /^\.sluice-leaving-[0-9a-f-]{36}$/.test(name);
}

/**
 * Takes whatever lies at a path, in one step and under its own name, into a new hidden folder beside it: there no other
 * program replaces it while it is looked at, and the path tells where it belongs. Resolves to where it lies; undefined
 * if nothing was there.
 */
export async function takeClaim(disk: Disk, path: string): Promise<string | undefined> {
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
 * Ends a claim, also one that a killed process left: what was to be deleted is deleted, and what is left then goes back
 * to the place of `id` below the inbox. If another document has come there, both stay: see `archiveMove`. Resolves to
 * whether something went back. Rejects with an error that has the system's code and says where it lies.
 */
export async function endClaim(disk: Disk, claimed: string, root: string, id: string): Promise<boolean> {
  try {
    if (await exists(disk, deleteMarkerOf(claimed))) await discard(disk, claimed);
    const returned = await giveBack(disk, claimed, root, id);
    await removeClaim(disk, dirname(claimed));
    return returned;
  } catch (error) {
    const message = `${errorMessage(error)}; it lies in ${claimed} until the next start sees to it`;
    throw Object.assign(new Error(message, { cause: error }), { code: errorCode(error) });
  }
}

/** Removes the folder of a claim if nothing is in it but a delete marker. If it stays, the next start finds it. */
export async function removeClaim(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.rmdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY') return;
    await disk.rmdir(join(folder, DELETE_MARKER)).catch(() => undefined);
    await disk.rmdir(folder).catch(() => undefined);
  }
}

/** False if nothing is left. */
async function giveBack(disk: Disk, claimed: string, root: string, id: string): Promise<boolean> {
  if (!(await exists(disk, claimed))) return false;
  const sha256 = await versionOf(disk, claimed);
  if (sha256 !== null) {
    await archiveMove(disk, claimed, root, { id, sha256 });
    // If the same version lies at its place, nothing was moved.
    await discard(disk, claimed);
    return true;
  }
  // What is no document: a link, a pipe, or a folder. No hard link can be made of a folder.
  const place = join(root, id);
  if (await exists(disk, place)) throw new Error(`Something else is at ${place}`);
  await disk.rename(claimed, place);
  return true;
}

async function exists(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** A folder in a claim: what lies beside it is to be deleted. No document has a hidden name. */
const DELETE_MARKER = '.going';

/**
 * Deletes what is left of a document that was taken: only files that belong to it, and the folders that are empty then.
 * The files of a folder are deleted one by one, so it gets a delete marker first: what a killed process left of them
 * must not come back as a document of its own.
 */
export async function discard(disk: Disk, claimed: string): Promise<void> {
  const entries = [...lookAgain(dirname(claimed), basename(claimed))];
  const folder = entries.find((entry) => 'files' in entry);
  if (folder === undefined && !entries.some(({ kind }) => kind === 'folder'))
    return allowing(['ENOENT'], disk.unlink(claimed));
  await allowing(['EEXIST'], disk.mkdir(deleteMarkerOf(claimed)));
  await syncPath(disk, dirname(claimed));
  for (const { name } of folder?.files ?? []) {
    // oxlint-disable-next-line no-await-in-loop -- in their order
    await allowing(['ENOENT'], disk.unlink(join(claimed, name)));
  }
  const folders = entries.flatMap((entry) => (entry.kind === 'folder' ? [entry.id] : []));
  for (const id of folders.toReversed()) {
    // If it holds what is ignored, or what came into it since, it stays.
    // oxlint-disable-next-line no-await-in-loop -- the innermost first
    await allowing(['ENOTEMPTY', 'EEXIST', 'ENOENT'], disk.rmdir(join(dirname(claimed), id)));
  }
  await disk.rmdir(deleteMarkerOf(claimed));
}

function deleteMarkerOf(claimed: string): string {
  return join(dirname(claimed), DELETE_MARKER);
}

/** Waits for a call. An error of one of these codes is as good as its success. */
async function allowing(codes: readonly string[], call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!codes.includes(errorCode(error))) throw error;
  }
}
