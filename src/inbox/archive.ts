import { hash, randomUUID } from 'node:crypto';
import { basename, dirname, join, posix } from 'node:path';
import { DiskError, PathError } from '../domain/errors.ts';
import { type Disk, makeFolder, syncPath } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';
import { type FolderEntry, folderVersion, lookAtFolder } from './folder-document.ts';

/** The folder of the archive for what is still being copied into it. */
export const ARRIVING = '.sluice-arriving';

/**
 * Moves a document to the archive; folders are made as needed, and nothing is overwritten (`archiveMove`). To another
 * file system it is copied, and the copy compared: it then still lies at its place, as it does if the archive had it
 * already. Resolves to its path below the archive, once durable. Rejects with the system's error, `PathError` or
 * `DiskError`.
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

async function copyFiles(disk: Disk, from: string, to: string, files: FolderEntry['files']): Promise<void> {
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

const TAKEN = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR']);

/**
 * Moves a document to its place below a folder, durably and without touching what is there: to its id; if another
 * version lies there, to its id with its version. If the same version lies there, nothing is moved. Resolves to the
 * path below the folder. Rejects with the system's error, or with `PathError` if both names are taken.
 */
export async function archiveMove(
  disk: Disk,
  from: string,
  folder: string,
  { id, sha256 }: { readonly id: string; readonly sha256: string },
): Promise<string> {
  const spare = versionName(id, sha256);
  if (await takePlace(disk, from, join(folder, id), sha256)) return id;
  if (await takePlace(disk, from, join(folder, spare), sha256)) return spare;
  throw new PathError(`Other files have the names ${id} and ${spare} in ${folder}. Move one of them away.`);
}

/** False if something else is there. */
async function takePlace(disk: Disk, from: string, place: string, sha256: string): Promise<boolean> {
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

/**
 * How file systems answer `link` if a file may have one name only, or belongs to another user
 * (`fs.protected_hardlinks`), or if it is a folder.
 */
const ONE_NAME_ONLY = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Moves a file or folder to a name that is free, durably; at no moment is it without a name. Rejects with the system's
 * error: `EEXIST` if anything has that name (`ENOTEMPTY` or `ENOTDIR` if that came at the last moment), and `EXDEV` if
 * it is on another file system.
 */
async function moveExclusively(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.link(from, to);
  } catch (error) {
    if (!ONE_NAME_ONLY.has(errorCode(error))) throw error;
    // The rename of a file replaces what has the new name, so an empty file is made there first: this fails if anything
    // is there. The rename of a folder replaces only an empty folder.
    if (!(await disk.lstat(from)).isDirectory()) await disk.close(await disk.open(to, 'wx'));
    await disk.rename(from, to);
    await syncPath(disk, dirname(to));
    return;
  }
  await syncPath(disk, dirname(to));
  await disk.unlink(from);
}

/** Bytes of a name, on the file systems that we know. */
const NAME_BYTES = 255;
/** Bytes. What is longer after the last dot does not count as an ending. */
const LONGEST_ENDING = 16;

/** A document's id with the first eight digits of its version: `q1/report.pdf` gives `q1/report-1a2b3c4d.pdf`. */
export function versionName(id: string, sha256: string): string {
  const { dir, base, ext } = posix.parse(id);
  const ending = Buffer.byteLength(ext) > LONGEST_ENDING ? '' : ext;
  const tail = `-${sha256.slice(0, 8)}${ending}`;
  const stem = Buffer.from(base.slice(0, base.length - ending.length));
  // As a stream, it leaves out a character that is cut in two at the end.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const start = decoder.decode(stem.subarray(0, NAME_BYTES - Buffer.byteLength(tail)), { stream: true });
  return posix.join(dir, `${start}${tail}`);
}

/** The version of the document at a path, from its bytes; null if there is none. Follows no link and reads no pipe. */
export async function versionOf(disk: Pick<Disk, 'lstat' | 'readFile'>, path: string): Promise<string | null> {
  try {
    if ((await disk.lstat(path)).isFile()) return hash('sha256', await disk.readFile(path));
    const folder = lookAtFolder(dirname(path), basename(path));
    if (folder === undefined) return null;
    const files = [];
    for (const { name } of folder.files) {
      // oxlint-disable-next-line no-await-in-loop -- one after another: a folder may be as large as a document may be
      files.push({ name, sha256: hash('sha256', await disk.readFile(join(path, name))) });
    }
    return folderVersion(files);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
