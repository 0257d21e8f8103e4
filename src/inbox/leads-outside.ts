import { lstatSync } from 'node:fs';

/**
 * Whether a folder between the inbox and a document is a link: it may have been swapped for one since the scan. The
 * inbox itself may be reached through links. Throws the system's error where a folder is gone.
 */
export function leadsOutside(root: string, id: string): boolean {
  for (let end = id.indexOf('/'); end >= 0; end = id.indexOf('/', end + 1))
    if (lstatSync(`${root}/${id.slice(0, end)}`).isSymbolicLink()) return true;

  return false;
}
