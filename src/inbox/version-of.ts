import { hash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import { folderVersion } from './folder-version.ts';
import { lookAtFolder } from './look-again.ts';
import type { MoveDisk } from './release-disk.ts';

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
