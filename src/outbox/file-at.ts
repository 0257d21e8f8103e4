import { type Stats, statSync } from 'node:fs';
import { DiskTrouble, errorCode, errorMessage } from '../domain/errors.ts';

/**
 * The file at a path; undefined where there is none.
 *
 * @throws DiskTrouble where the disk does not tell
 */
export function fileAt(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw new DiskTrouble(`The disk does not tell whether ${path} is there: ${errorMessage(error)}`, { cause: error });
  }
}
