import { UNREADABLE } from '../domain/ignored.ts';
import { lookAt, type Sighting } from './entry.ts';
import { isFolderDocument } from './folder-document.ts';
import { gather } from './gather.ts';
import { listNames } from './list-names.ts';

/**
 * Everything below a folder of the inbox, lazily: a folder is told before it is listed, so that whoever pulls may set a
 * watch on it first. Holds the names of one folder at a time (and of those above it), never their stats. A folder that
 * cannot be listed is told as an ignored entry, and the walk goes on. A folder that is one document is told as `gather`
 * tells it.
 *
 * `byName` sorts the names of each folder.
 */
export function* walk(root: string, folder: string, byName: boolean): Generator<Sighting> {
  yield { kind: 'folder', id: folder };
  const names = listNames(root, folder);
  if (names === null) {
    yield { kind: 'ignored', reason: UNREADABLE };
    return;
  }
  for (const name of byName ? names.toSorted() : names) {
    const sighting = lookAt(root, folder, name);
    if (sighting.kind !== 'folder') yield sighting;
    else yield* isFolderDocument(name) ? gather(root, sighting.id) : walk(root, sighting.id, byName);
  }
}
