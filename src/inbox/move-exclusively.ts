import { dirname } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import type { MoveDisk } from './release-disk.ts';
import { syncPath } from './sync-path.ts';

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
export async function moveExclusively(disk: MoveDisk, from: string, to: string): Promise<void> {
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
