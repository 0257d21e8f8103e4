import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { UNREADABLE } from '../domain/ignored.ts';
import { type DocumentSighting, lookAt, type Sighting } from './entry.ts';
import { isUnfinishedName } from './ignore.ts';
import { inReadingOrder } from './in-reading-order.ts';
import { listNames } from './list-names.ts';

/** Files of one document; one with more is told, and refused when it is read. */
export const MOST_FILES = 1000;

/** A folder that is one document, with what it consists of. */
export interface FolderSighting extends DocumentSighting {
  /** In the order of their names, which are paths below the folder. */
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

/**
 * A folder that is one document. Tells of it and of each folder in it before that is listed, and of what is ignored in
 * it; then of the document. Without a file it is none, and `gone`; where something in it cannot be looked at, nobody
 * knows what it is, and it is not told. Where a file is on its way into it, the document is `unfinished`. Stops looking
 * where it has more files than are read.
 */
export function* gather(root: string, id: string): Generator<Sighting | FolderSighting> {
  const files: DocumentSighting[] = [];
  let mtimeMs = 0;
  let isKnown = true;
  let unfinished = false;
  for (const sighting of everythingIn(root, id)) {
    if (sighting.kind === 'unfinished') {
      unfinished = true;
      continue;
    }
    if (sighting.kind === 'document') files.push(sighting);
    else yield sighting;
    if (sighting.kind === 'folder') mtimeMs = Math.max(mtimeMs, mtimeOf(`${root}/${sighting.id}`));
    if (sighting.kind === 'ignored' && sighting.reason === UNREADABLE) isKnown = false;
    if (files.length > MOST_FILES) break;
  }
  if (isKnown) yield files.length === 0 ? { kind: 'gone', id } : { ...asOne(id, mtimeMs, files), unfinished };
}

/** In the order of names, so that the same files are left out of a listing that is too long. */
function* everythingIn(root: string, folder: string): Generator<Sighting | { readonly kind: 'unfinished' }> {
  yield { kind: 'folder', id: folder };
  const names = listNames(root, folder);
  if (names === null) yield { kind: 'ignored', reason: UNREADABLE };
  for (const name of names?.toSorted() ?? []) {
    const sighting = lookAt(root, folder, name);
    if (isUnfinishedName(name)) yield { kind: 'unfinished' };
    if (sighting.kind === 'folder') yield* everythingIn(root, sighting.id);
    // A recipe counts for what lies beside and below it, and here is nothing that is asked by itself.
    else yield sighting.kind === 'recipe' ? { kind: 'ignored', reason: 'names that begin with _' } : sighting;
  }
}

/** A folder whose time cannot be told is gone, or cannot be listed either. */
function mtimeOf(path: string): number {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function asOne(id: string, folderMtimeMs: number, sightings: readonly DocumentSighting[]): FolderSighting {
  const files = inReadingOrder(
    sightings.map(({ document, state }) => ({ ...document, name: document.id.slice(id.length + 1), inode: state })),
  );
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const mtimeMs = files.reduce((latest, file) => Math.max(latest, file.mtimeMs), folderMtimeMs);
  const listing = files.map((file) => [file.name, file.size, file.mtimeMs, file.inode]);
  return { kind: 'document', document: { id, size, mtimeMs }, state: hash('sha256', JSON.stringify(listing)), files };
}
