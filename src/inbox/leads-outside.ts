import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Whether the folder of a document is reached through a link: it may have been swapped for one since the scan. Throws
 * the system's error where it is gone.
 */
export function leadsOutside(root: string, id: string): boolean {
  return realpathSync.native(dirname(join(root, id))) !== dirname(join(realpathSync.native(root), id));
}
