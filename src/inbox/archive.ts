import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { type MoveDisk, syncPath } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';
import { lookAtFolder } from './folder-document.ts';
import { shelve, versionOf } from './move.ts';

/** The folder of the archive for what is still being copied into it. */
export const ARRIVING = '.sluice-arriving';

/**
 * Moves a document to the archive; folders are made as needed, and nothing is overwritten (`shelve`). From another file
 * system it is copied, and the copy compared; also where the archive has it, it is still at its place then. Resolves to
 * the path below the archive once that is durable; rejects with the system's error, `PathError` or `DiskError`.
 */
export async function archiveDocument(
  disk: MoveDisk,
  from: string,
  archive: string,
  version: { readonly id: string; readonly sha256: string },
): Promise<string> {
  await makeFolder(disk, dirname(join(archive, version.id)));
  try {
    return await shelve(disk, from, archive, version);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
  }
  const arriving = join(archive, ARRIVING, randomUUID());
  await makeFolder(disk, arriving);
  try {
    const copy = join(arriving, basename(from));
    await copyDurably(disk, from, copy);
    return await shelve(disk, copy, archive, version);
  } finally {
    // What stays for all that goes at the next start.
    await disk.rm(arriving, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function copyDurably(disk: MoveDisk, from: string, to: string): Promise<void> {
  const folder = lookAtFolder(dirname(from), basename(from));
  await (folder === undefined ? copyFile(disk, from, to) : copyFiles(disk, from, to, folder.files));
  if ((await versionOf(disk, to)) !== (await versionOf(disk, from)))
    throw new DiskError(`The copy of ${from} in ${dirname(to)} is not like it. Check the disk.`);
}

async function copyFiles(
  disk: MoveDisk,
  from: string,
  to: string,
  files: readonly { readonly name: string }[],
): Promise<void> {
  const folders = new Set<string>();
  for (const { name } of files) {
    const copy = join(to, name);
    folders.add(dirname(copy));
    // oxlint-disable no-await-in-loop -- one after another, each into its folder
    await makeFolder(disk, dirname(copy));
    await copyFile(disk, join(from, name), copy);
    // oxlint-enable no-await-in-loop
  }
  await Promise.all([...folders].map((folder) => syncPath(disk, folder)));
}

async function copyFile(disk: MoveDisk, from: string, to: string): Promise<void> {
  await disk.copyFile(from, to, constants.COPYFILE_EXCL);
  const { atime, mtime } = await disk.lstat(from);
  await disk.utimes(to, atime, mtime);
  await syncPath(disk, to);
}

async function makeFolder(disk: MoveDisk, folder: string): Promise<void> {
  const topmost = await disk.mkdir(folder, { recursive: true });
  if (topmost === undefined) return;
  const parents = [];
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) parents.push(dirname(made));
  await Promise.all(parents.map((parent) => syncPath(disk, parent)));
}
