import { basename, dirname, join } from 'node:path';
import type { DocumentRef } from '../domain/document.ts';
import { DiskError, PathError } from '../domain/errors.ts';
import type { MoveDisk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { archiveDocument } from './archive.ts';
import { discard, endClaim, takeClaim } from './claim.ts';
import { isFolderDocument, lookAgain } from './folder-document.ts';
import { versionOf } from './move.ts';
import { leadsOutside } from './read.ts';

/** What releasing is told. */
export interface ReleaseSettings {
  readonly root: string;
  /** Where documents go with `archive`; absolute. */
  readonly archive: string;
  readonly disk: MoveDisk;
}

/** A document to be released. */
interface Release {
  readonly document: DocumentRef;
  readonly sha256: string;
  readonly after: 'archive' | 'delete';
}

/**
 * Takes a document that is done out of the inbox. Resolves to its path below the archive, to null where it was deleted,
 * and to undefined where it is to stay: it is not, or no longer, the one that was read.
 *
 * To look at a name and to remove it are two steps, and between them somebody may put another file there. So it is first
 * taken aside by a rename, which takes exactly what is there, and looked at then: if it is another one, it goes back. No
 * file is without a name at any moment, and none is overwritten; a claim that a killed process left goes back at the
 * next start (`returnClaims`). What is deleted is read again, as nothing else is left of it; and a folder, whose size and
 * time tell less than a file's. A folder is archived with all that is in it; only its files are deleted, and what is
 * ignored in it stays.
 *
 * @throws PathError, DiskError; the input is in the inbox then, or comes back to it at the next start, or goes then
 * where a part of it is deleted already
 */
export async function releaseDocument(settings: ReleaseSettings, release: Release): Promise<string | null | undefined> {
  const { root, disk } = settings;
  const { document } = release;
  try {
    if (!isStillThere(root, document.id, document) || leadsOutside(root, document.id)) return undefined;
    const claimed = await takeClaim(disk, join(root, document.id));
    return claimed === undefined ? undefined : await departOrStay(settings, claimed, release);
  } catch (error) {
    throw releaseTrouble(error, document.id);
  }
}

async function departOrStay(
  settings: ReleaseSettings,
  claimed: string,
  release: Release,
): Promise<string | null | undefined> {
  const { root, disk } = settings;
  let to: string | null | undefined;
  try {
    if (await isTheOneRead(disk, claimed, release)) to = await depart(settings, claimed, release);
    return to;
  } finally {
    const ended = endClaim(disk, claimed, root, release.document.id);
    // What left has left: where something that is ignored in a folder cannot go back now, the next start puts it back.
    await (to === undefined ? ended : ended.catch(() => undefined));
  }
}

/** A folder is told by its version alone: being moved may change its time. */
async function isTheOneRead(disk: MoveDisk, claimed: string, { document, sha256, after }: Release): Promise<boolean> {
  const isFolder = isFolderDocument(document.id) && (await disk.lstat(claimed)).isDirectory();
  if (!isFolder && !isStillThere(dirname(claimed), basename(claimed), document)) return false;
  return after === 'archive' && !isFolder ? true : (await versionOf(disk, claimed)) === sha256;
}

async function depart(
  { archive, disk }: ReleaseSettings,
  claimed: string,
  { document: { id }, sha256, after }: Release,
): Promise<string | null> {
  const to = after === 'archive' ? await archiveDocument(disk, claimed, archive, { id, sha256 }) : null;
  // Archived, it may still be here: as a copy, or because the archive had it.
  await discard(disk, claimed);
  return to;
}

function isStillThere(root: string, id: string, { size, mtimeMs }: DocumentRef): boolean {
  for (const sighting of lookAgain(root, id))
    if (sighting.kind === 'document') return sighting.document.size === size && sighting.document.mtimeMs === mtimeMs;

  return false;
}

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
function releaseTrouble(error: unknown, id: string): DiskError | PathError {
  const code = errorCode(error);
  const Kind = code in OF_THE_DISK || error instanceof DiskError ? DiskError : PathError;
  const advice = OF_THE_DISK[code] ?? OF_ONE_PATH[code];
  const reason = advice === undefined ? errorMessage(error) : `${advice} (${errorMessage(error)})`;
  return new Kind(`The input ${id} is done, and could not leave the inbox: ${reason}`, { cause: error });
}
