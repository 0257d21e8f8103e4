import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { DiskTrouble, errorCode } from '../domain/errors.ts';
import type { ReleaseDisk } from './release-disk.ts';
import { sha256Of } from './sha256-of.ts';
import { shelve } from './shelve.ts';
import { syncPath } from './sync-path.ts';

/** The folder of the archive for what is still being copied into it. */
export const ARRIVING = '.sluice-arriving';

/**
 * Moves a document to the archive; folders are made as needed, and nothing is overwritten (`shelve`). From another file
 * system it is copied, and the copy compared. Resolves to the path below the archive once that is durable; rejects with
 * the system's error, `PathTrouble` or `DiskTrouble`.
 */
export async function archiveFile(
  disk: ReleaseDisk,
  file: string,
  archive: string,
  version: { readonly id: string; readonly sha256: string },
): Promise<string> {
  await makeFolder(disk, dirname(join(archive, version.id)));
  try {
    return await shelve(disk, file, archive, version);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
  }
  const arriving = join(archive, ARRIVING);
  await makeFolder(disk, arriving);
  const copy = join(arriving, randomUUID());
  try {
    await copyDurably(disk, file, copy);
    const place = await shelve(disk, copy, archive, version);
    await disk.unlink(file);
    return place;
  } catch (error) {
    // What stays for all that goes at the next start.
    await disk.unlink(copy).catch(() => undefined);
    throw error;
  }
}

async function copyDurably(disk: ReleaseDisk, from: string, to: string): Promise<void> {
  await disk.copyFile(from, to, constants.COPYFILE_EXCL);
  const { atime, mtime } = await disk.lstat(from);
  await disk.utimes(to, atime, mtime);
  await syncPath(disk, to);
  if ((await sha256Of(disk, to)) !== (await sha256Of(disk, from)))
    throw new DiskTrouble(`The copy of ${from} in ${dirname(to)} is not like it. Check the disk.`);
}

async function makeFolder(disk: ReleaseDisk, folder: string): Promise<void> {
  const topmost = await disk.mkdir(folder, { recursive: true });
  if (topmost === undefined) return;
  const parents = [];
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) parents.push(dirname(made));
  await Promise.all(parents.map((parent) => syncPath(disk, parent)));
}
