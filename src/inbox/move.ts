import { hash } from 'node:crypto';
import { basename, dirname, join, posix } from 'node:path';
import { PathError } from '../domain/errors.ts';
import { type MoveDisk, syncPath } from '../lib/durable-files.ts';
import { errorCode } from '../lib/errors.ts';
import { folderVersion, lookAtFolder } from './folder-document.ts';

const TAKEN = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR']);

/**
 * Moves a document to its place below a folder, durably and without touching what is there: to its id; where another
 * version lies there, to its id with its version. Where the same version lies, nothing is moved. Resolves to the path
 * below the folder. Rejects with the system's error, or `PathError` where both names are taken.
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
  throw new PathError(`Other files have the names ${id} and ${spare} in ${folder}. Move one of them away.`);
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

/**
 * What is answered where a file may have one name only, or where it is another user's (`fs.protected_hardlinks`); and
 * for a folder.
 */
const ONE_NAME_ONLY = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Moves a file or folder to a name that nobody has, durably; there is no moment at which it has none. Rejects with the
 * system's error: `EEXIST` where something has that name, whatever it is (`ENOTEMPTY` or `ENOTDIR` where that came at
 * the last moment), and `EXDEV` where it is on another file system.
 */
async function moveExclusively(disk: MoveDisk, from: string, to: string): Promise<void> {
  try {
    await disk.link(from, to);
  } catch (error) {
    if (!ONE_NAME_ONLY.has(errorCode(error))) throw error;
    await renameExclusively(disk, from, to);
    return;
  }
  await syncPath(disk, dirname(to));
  await disk.unlink(from);
}

/**
 * A rename of a file replaces what it finds: so it finds an empty file, which could be made only where nothing was. That
 * of a folder replaces nothing but an empty folder.
 */
async function renameExclusively(disk: MoveDisk, from: string, to: string): Promise<void> {
  if (!(await disk.lstat(from)).isDirectory()) {
    const placeholder = await disk.open(to, 'wx');
    await placeholder.close();
  }
  await disk.rename(from, to);
  await syncPath(disk, dirname(to));
}

/** Bytes of a name, on the file systems that we know. */
const NAME_BYTES = 255;
/** Bytes. What is longer after the last dot is no ending. */
const LONGEST_ENDING = 16;

/** A document's id with the first eight digits of its version: `q1/report.pdf` gives `q1/report-1a2b3c4d.pdf`. */
export function versionName(id: string, sha256: string): string {
  const { dir, base, ext } = posix.parse(id);
  const ending = Buffer.byteLength(ext) > LONGEST_ENDING ? '' : ext;
  const tail = `-${sha256.slice(0, 8)}${ending}`;
  const stem = base.slice(0, base.length - ending.length);
  return posix.join(dir, `${firstBytes(stem, NAME_BYTES - Buffer.byteLength(tail))}${tail}`);
}

/** At most so many bytes of a text, and whole characters. */
function firstBytes(text: string, bytes: number): string {
  return Buffer.byteLength(text) > bytes
    ? Buffer.from(text)
        .toString('utf8', 0, bytes)
        .replace(/\uFFFD+$/, '')
    : text;
}

/** The version of the document at a path, read anew; null where none is: nothing is read through a link, or from a pipe. */
export async function versionOf(disk: Pick<MoveDisk, 'lstat' | 'readFile'>, path: string): Promise<string | null> {
  try {
    const isFile = (await disk.lstat(path)).isFile();
    return isFile ? hash('sha256', await disk.readFile(path)) : await versionOfFolder(disk, path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function versionOfFolder(disk: Pick<MoveDisk, 'readFile'>, path: string): Promise<string | null> {
  const folder = lookAtFolder(dirname(path), basename(path));
  if (folder === undefined) return null;
  const files = [];
  for (const { name } of folder.files) {
    // oxlint-disable-next-line no-await-in-loop -- one after another: a folder may be as large as a document may be
    files.push({ name, sha256: hash('sha256', await disk.readFile(join(path, name))) });
  }
  return folderVersion(files);
}
