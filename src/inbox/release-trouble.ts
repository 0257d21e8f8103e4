import { DiskTrouble, errorCode, errorMessage, PathTrouble } from '../domain/errors.ts';

/** What a disk, or the machine, says of itself and not of one path. */
const OF_THE_DISK: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Make room on it.',
  EDQUOT: 'The disk quota is used up. Make room, or have the quota raised.',
  EROFS: 'The disk is read-only. Mount it for writing.',
  EIO: 'The disk reports an error (EIO). Check the disk.',
  EMFILE: 'Too many files are open. Raise the limit (ulimit -n).',
  ENFILE: 'Too many files are open on this machine.',
};

const OF_ONE_PATH: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied. Give this user the right to write in its folder, and in the archive.',
  EPERM: 'Not permitted. Give this user the right to write in its folder, and in the archive.',
  EEXIST: 'A file stands where a folder above it belongs. Move it away.',
  ENOTDIR: 'A file stands where a folder above it belongs. Move it away.',
};

/** Says in a sentence why a document that is done could not leave the inbox, and what to do. */
export function releaseTrouble(error: unknown, id: string): DiskTrouble | PathTrouble {
  const code = errorCode(error);
  const Kind = code in OF_THE_DISK || error instanceof DiskTrouble ? DiskTrouble : PathTrouble;
  const advice = OF_THE_DISK[code] ?? OF_ONE_PATH[code];
  const reason = advice === undefined ? errorMessage(error) : `${advice} (${errorMessage(error)})`;
  return new Kind(`The input ${id} is done, and could not leave the inbox: ${reason}`, { cause: error });
}
