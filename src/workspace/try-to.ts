import { DiskTrouble, errorCode, errorMessage, UsageError } from '../domain/errors.ts';

/** Errors of permission, or of what stands in the way, are a person's to mend; what else a disk may say is its own. */
const MISTAKES = new Set(['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'ENOENT', 'ELOOP', 'ENAMETOOLONG']);

/**
 * Does something with the disk. `failure` says what it means that it cannot be done.
 *
 * @throws UsageError, DiskTrouble
 */
export function tryTo<T>(failure: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const Kind = MISTAKES.has(errorCode(error)) ? UsageError : DiskTrouble;
    throw new Kind(`${failure}: ${errorMessage(error)}`, { cause: error });
  }
}
