import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { DiskError, PathError } from '../domain/errors.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';

/** What each error means for people. What becomes of the document meanwhile: `pipeline/disk-retry.ts`. */
const SENTENCES: Readonly<Record<string, (file: string) => string>> = {
  ENOSPC: (file) => `The disk is full: ${file} could not be written. Make room on it.`,
  EDQUOT: (file) => `The disk quota is used up: ${file} could not be written. Make room, or have the quota raised.`,
  EROFS: (file) => `The disk is read-only: ${file} could not be written. Mount it for writing.`,
  EACCES: (file) => `Permission denied: ${file} could not be written. Give this user the right to write in its folder.`,
  EPERM: (file) => `Not permitted: ${file} could not be written. Give this user the right to write in its folder.`,
  EIO: (file) => `The disk reports an error (EIO): ${file} could not be written. Check the disk.`,
  EMFILE: (file) => `Too many files are open: ${file} could not be written. Raise the limit (ulimit -n).`,
  ENFILE: (file) => `Too many files are open on this machine: ${file} could not be written.`,
  EISDIR: (file) => `A folder stands where ${file} belongs. Move it away.`,
  EEXIST: (file) => `A file stands where a folder above ${file} belongs. Move it away.`,
  ENOTDIR: (file) => `A file stands where a folder above ${file} belongs. Move it away.`,
  ENAMETOOLONG: (file) => `The name is too long for this disk: ${file}. Rename the document.`,
  ELOOP: (file) => `Links lead in a circle at ${file}. Remove them.`,
};

/** These concern one path alone. */
const OF_ONE_PATH = new Set(['EISDIR', 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EILSEQ', 'EINVAL']);
/**
 * So do these if `root` is open to us: a subfolder refuses, or the disk holds no such name. exFAT by FUSE, and SMB, answer
 * `ENOENT` to that though the folder is there.
 */
const OF_ONE_PATH_BELOW_AN_OPEN_ROOT = new Set(['EACCES', 'EPERM', 'ENOENT']);

/** Says which file below `root` the disk refused, and what to do; a `PathError` if that concerns this file alone. */
export function fileError(error: unknown, file: string, root: string): DiskError | PathError {
  if (error instanceof DiskError || error instanceof PathError) return error;
  const code = errorCode(error);
  const isOfOnePath =
    OF_ONE_PATH.has(code) ||
    (OF_ONE_PATH_BELOW_AN_OPEN_ROOT.has(code) && (code === 'ENOENT' || dirname(file) !== root) && isOpen(root));
  const message =
    code === 'ENOENT' && isOfOnePath
      ? `This disk holds no file of such a name: ${file}. Rename the document.`
      : (SENTENCES[code]?.(file) ?? `${file} could not be written: ${errorMessage(error)}`);
  const Kind = isOfOnePath ? PathError : DiskError;
  return new Kind(message, { cause: error });
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
