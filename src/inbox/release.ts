import { opendir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type DocumentRef, type FileState, isSameState } from '../domain/document.ts';
import { DiskError, PathError } from '../domain/errors.ts';
import type { Released } from '../domain/ports.ts';
import type { Disk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { ARRIVING, archiveDocument, versionOf } from './archive.ts';
import { discard, endClaim, isClaimName, removeClaim, takeClaim } from './claim.ts';
import { ignoredName } from './entry.ts';
import { isFolderDocument, lookAgain } from './folder-document.ts';
import { leadsOutside } from './read.ts';

interface ReleaseSettings {
  readonly root: string;
  /** Where documents go with `archive`; absolute. */
  readonly archive: string;
  readonly disk: Disk;
}

/** A document to be released. */
interface Release {
  readonly document: DocumentRef;
  readonly sha256: string;
  readonly after: 'archive' | 'delete';
}

interface ClaimedRelease extends Release {
  /** It was touched or replaced since it was found: only its bytes tell whether it is the one that was read. */
  readonly isUnread: boolean;
}

/**
 * Takes a document that is done out of the inbox. Resolves to null if it stays: it is not the one that was read.
 *
 * Between a look at a name and its removal, another file may get that name. So the document is first taken aside by a
 * rename, which takes exactly what is there, and then looked at: if it is another one, it goes back. At no moment is a
 * file without a name, and none is overwritten. What is deleted is read once more, as nothing else is left of it; so is
 * a folder, whose size and time tell less than a file's, and a file that was touched or replaced since it was found. A
 * folder is archived with all that is in it; if it is deleted, what is ignored in it stays.
 *
 * @throws PathError, DiskError; the input is in the inbox then, or the next start puts it back (`returnClaims`); if a
 * part of it is deleted already, the next start deletes the rest
 */
export async function releaseDocument(settings: ReleaseSettings, release: Release): Promise<Released | null> {
  const { root, disk } = settings;
  const { document } = release;
  try {
    const found = stateAt(root, document.id);
    if (!hasSameBytes(found, document) || leadsOutside(root, document.id)) return null;
    const claimed = await takeClaim(disk, join(root, document.id));
    const isUnread = !isSameState(found, document);
    return claimed === undefined ? null : await releaseClaim(settings, claimed, { ...release, isUnread });
  } catch (error) {
    throw releaseError(error, document.id);
  }
}

async function releaseClaim(
  settings: ReleaseSettings,
  claimed: string,
  release: ClaimedRelease,
): Promise<Released | null> {
  const { root, archive, disk } = settings;
  const { document, sha256, after } = release;
  const { id } = document;
  let released: Released | null = null;
  try {
    if (await isTheOneRead(disk, claimed, release)) {
      const to = after === 'archive' ? await archiveDocument(disk, claimed, archive, { id, sha256 }) : null;
      // Archived, it may still be here: as a copy, or because the archive had it.
      await discard(disk, claimed);
      released = { to };
    }
    return released;
  } finally {
    const ended = endClaim(disk, claimed, root, id);
    // It has left: if something that is ignored in its folder cannot go back now, the next start puts it back.
    await (released === null ? ended : ended.catch(() => undefined));
  }
}

/** A folder is known by its version alone: the move may change its time. */
async function isTheOneRead(disk: Disk, claimed: string, release: ClaimedRelease): Promise<boolean> {
  const { document, sha256, after, isUnread } = release;
  const isFolder = isFolderDocument(document.id) && (await disk.lstat(claimed)).isDirectory();
  const found = isFolder ? null : stateAt(dirname(claimed), basename(claimed));
  if (!isFolder && !hasSameBytes(found, document)) return false;
  // The move into the claim is a change of its own to the ctime.
  const isKnown = found !== null && !isUnread && isSameState({ ...found, ctimeMs: null }, document);
  return (after === 'archive' && isKnown) || (await versionOf(disk, claimed)) === sha256;
}

function stateAt(root: string, id: string): FileState | null {
  for (const entry of lookAgain(root, id)) if (entry.kind === 'document') return entry.document;

  return null;
}

/** As far as size and mtime tell. */
function hasSameBytes(found: FileState | null, { size, mtimeMs }: FileState): found is FileState {
  return found?.size === size && found.mtimeMs === mtimeMs;
}

/** What concerns the disk, or the machine, and not one path. */
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
function releaseError(error: unknown, id: string): DiskError | PathError {
  const code = errorCode(error);
  const Kind = code in OF_THE_DISK || error instanceof DiskError ? DiskError : PathError;
  const advice = OF_THE_DISK[code] ?? OF_ONE_PATH[code];
  const reason = advice === undefined ? errorMessage(error) : `${advice} (${errorMessage(error)})`;
  return new Kind(`The input ${id} is done, and could not leave the inbox: ${reason}`, { cause: error });
}

/** Entries per call: in between the event loop is free, and memory stays flat however much lies there. */
const AT_ONCE = 256;

/**
 * Puts documents back that a killed process had taken aside to release them, and removes what it had deleted, or
 * copied, in part. Resolves to how many came back. Only for the start: it does not know what is being released. What
 * cannot be listed or put back is passed over, and reported when all the rest is done.
 *
 * @throws DiskError
 */
export async function returnClaims({ root, archive, disk }: ReleaseSettings): Promise<number> {
  const errors: string[] = [];
  const passOver = (error: unknown): number => {
    if (errorCode(error) !== 'ENOENT') errors.push(errorMessage(error));
    return 0;
  };

  async function search(folder: string): Promise<number> {
    let returned = 0;
    for await (const entry of await opendir(join(root, folder), { bufferSize: AT_ONCE })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) continue;
      if (isClaimName(entry.name)) returned += await empty(path, folder).catch(passOver);
      else if (ignoredName(entry.name) === null) returned += await search(path).catch(passOver);
    }
    return returned;
  }

  async function empty(claim: string, folder: string): Promise<number> {
    // All but a delete marker, whose name is hidden.
    const names = (await readdir(join(root, claim))).filter((name) => ignoredName(name) === null);
    const returned = await Promise.all(
      names.map((name) => endClaim(disk, join(root, claim, name), root, join(folder, name))),
    );
    await removeClaim(disk, join(root, claim));
    return returned.filter(Boolean).length;
  }

  const returned = await search('').catch(passOver);
  await rm(join(archive, ARRIVING), { recursive: true, force: true }).catch(passOver);
  if (errors.length > 0) throw new DiskError(`Not all that a killed run left could be put back: ${errors[0]}`);
  return returned;
}
