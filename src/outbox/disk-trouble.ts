import { DiskTrouble, errorCode, errorMessage } from '../domain/errors.ts';

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
};

/** Says in a sentence what the disk refused, of which file, and what to do. */
export function diskTrouble(error: unknown, file: string): DiskTrouble {
  if (error instanceof DiskTrouble) return error;
  const sentence = SENTENCES[errorCode(error)];
  const message = sentence?.(file) ?? `${file} could not be written: ${errorMessage(error)}`;
  return new DiskTrouble(message, { cause: error });
}
