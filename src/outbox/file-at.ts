import { type Stats, statSync } from 'node:fs';
import { DiskTrouble, errorCode, errorMessage, PathTrouble } from '../domain/errors.ts';

/** What bars the way to one path. */
const OF_ONE_PATH = new Set(['EACCES', 'ELOOP', 'ENAMETOOLONG']);

/**
 * The file at a path; undefined where there is none.
 *
 * @throws PathTrouble where the way to it is barred, DiskTrouble where the disk does not tell
 */
export function fileAt(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTDIR') return undefined;
    const Kind = OF_ONE_PATH.has(code) ? PathTrouble : DiskTrouble;
    throw new Kind(`The disk does not tell whether ${path} is there: ${errorMessage(error)}`, { cause: error });
  }
}
