import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { type Disk, makeFolder, syncPath } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';
import { lookAtFolder } from './folder-document.ts';
import { archiveMove, versionOf } from './move.ts';

/** The folder of the archive for what is still being copied into it. */
export const ARRIVING = '.sluice-arriving';

/**
 * Moves a document to the archive; folders are made as needed, and nothing is overwritten (`archiveMove`). From another
 * file system it is copied, and the copy compared. Then, and if the archive had it already, it still lies at its place.
 * Resolves to the path below the archive once that is durable. Rejects with the system's error, `PathError` or `DiskError`.
 */
export async function archiveDocument(
  disk: Disk,
  from: string,
  archive: string,
  version: { readonly id: string; readonly sha256: string },
): Promise<string> {
  const sync = (folder: string) => syncPath(disk, folder);
  await makeFolder(disk, dirname(join(archive, version.id)), sync);
  try {
    return await archiveMove(disk, from, archive, version);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
  }
  const arriving = join(archive, ARRIVING, randomUUID());
  await makeFolder(disk, arriving, sync);
  try {
    const copy = join(arriving, basename(from));
    await copyDurably(disk, from, copy);
    return await archiveMove(disk, copy, archive, version);
  } finally {
    // What cannot be removed now is removed at the next start.
    await disk.removeAll(arriving).catch(() => undefined);
  }
}

async function copyDurably(disk: Disk, from: string, to: string): Promise<void> {
  const folder = lookAtFolder(dirname(from), basename(from));
  await (folder === undefined ? copyFile(disk, from, to) : copyFiles(disk, from, to, folder.files));
  if ((await versionOf(disk, to)) !== (await versionOf(disk, from)))
    throw new DiskError(`The copy of ${from} in ${dirname(to)} is not like it. Check the disk.`);
}

async function copyFiles(
  disk: Disk,
  from: string,
  to: string,
  files: readonly { readonly name: string }[],
): Promise<void> {
  const folders = new Set<string>();
  for (const { name } of files) {
    const copy = join(to, name);
    folders.add(dirname(copy));
    // oxlint-disable no-await-in-loop -- one after another, each into its folder
    await makeFolder(disk, dirname(copy), (folder) => syncPath(disk, folder));
    await copyFile(disk, join(from, name), copy);
    // oxlint-enable no-await-in-loop
  }
  await Promise.all([...folders].map((folder) => syncPath(disk, folder)));
}

async function copyFile(disk: Disk, from: string, to: string): Promise<void> {
  await disk.copyFile(from, to);
  const { atime, mtime } = await disk.lstat(from);
  await disk.utimes(to, atime, mtime);
  await syncPath(disk, to);
}
