import { errorCode } from '../domain/errors.ts';
import type { ReleaseDisk } from './release-disk.ts';

/** What file systems answer that cannot sync a folder, or need not. */
const TOLERATED = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'EISDIR', 'ENOTTY']);

/** Makes durable what a file holds, or the names that a folder holds. */
export async function syncPath(disk: Pick<ReleaseDisk, 'open'>, path: string): Promise<void> {
  try {
    const handle = await disk.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!TOLERATED.has(errorCode(error))) throw error;
  }
}
