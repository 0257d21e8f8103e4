import { statSync } from 'node:fs';

/**
 * Tells a folder from another one that took its path; null where there is none. The time of birth counts because a new
 * folder often gets the inode of the one just deleted.
 */
export function folderIdentity(path: string): string | null {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : null;
  } catch {
    return null;
  }
}
