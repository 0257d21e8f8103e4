import { dirname, join } from 'node:path';
import type { DocumentRef } from '../domain/document.ts';
import { errorCode } from '../domain/errors.ts';
import { archiveFile } from './archive-file.ts';
import { endClaim, giveBack, takeClaim } from './claim.ts';
import { leadsOutside } from './leads-outside.ts';
import type { ReleaseDisk } from './release-disk.ts';
import { releaseTrouble } from './release-trouble.ts';
import { sha256Of } from './sha256-of.ts';

/** What releasing is told. */
export interface ReleaseSettings {
  readonly root: string;
  readonly after: 'keep' | 'archive' | 'delete';
  /** Where documents go with `archive`; absolute. */
  readonly archive: string;
  readonly disk: ReleaseDisk;
}

/**
 * Takes a document that is done out of the inbox. Resolves to its path below the archive, to null where it was deleted,
 * and to undefined where it is to stay: it is not, or no longer, the file that was read.
 *
 * To look at a name and to remove it are two steps, and between them somebody may put another file there. So it is first
 * taken aside by a rename, which takes exactly what is there, and looked at then: if it is another one, it goes back. No
 * file is without a name at any moment, and none is overwritten; a claim that a killed process left goes back at the
 * next start (`returnClaims`). Only what is deleted is read again, as nothing else is left of it.
 *
 * @throws PathTrouble, DiskTrouble; the input is in the inbox then, or comes back to it at the next start
 */
export async function releaseDocument(
  settings: ReleaseSettings,
  document: DocumentRef,
  sha256: string,
): Promise<string | null | undefined> {
  const { root, after, disk } = settings;
  const file = join(root, document.id);
  try {
    if (after === 'keep' || !(await isStillThere(disk, file, document)) || leadsOutside(root, document.id))
      return undefined;
    const claimed = await takeClaim(disk, file);
    return claimed === undefined ? undefined : await departOrStay(settings, claimed, document, sha256);
  } catch (error) {
    throw releaseTrouble(error, document.id);
  }
}

async function departOrStay(
  settings: ReleaseSettings,
  claimed: string,
  document: DocumentRef,
  sha256: string,
): Promise<string | null | undefined> {
  const { root, disk } = settings;
  let to: string | null | undefined;
  try {
    if (await isStillThere(disk, claimed, document)) to = await depart(settings, claimed, document.id, sha256);
    return to;
  } finally {
    if (to === undefined) await giveBack(disk, claimed, root, document.id);
    await endClaim(disk, dirname(claimed));
  }
}

async function depart(
  { after, archive, disk }: ReleaseSettings,
  claimed: string,
  id: string,
  sha256: string,
): Promise<string | null | undefined> {
  if (after === 'archive') return archiveFile(disk, claimed, archive, { id, sha256 });
  if ((await sha256Of(disk, claimed)) !== sha256) return undefined;
  await disk.unlink(claimed);
  return null;
}

async function isStillThere(disk: ReleaseDisk, path: string, { size, mtimeMs }: DocumentRef): Promise<boolean> {
  try {
    const stats = await disk.lstat(path);
    return stats.isFile() && stats.size === size && stats.mtimeMs === mtimeMs;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false;
    throw error;
  }
}
