import { readdirSync } from 'node:fs';
import { errorCode } from '../domain/errors.ts';
import { UNREADABLE } from '../domain/ignored.ts';
import { lookAt, type Sighting } from './look-at.ts';

/**
 * Everything below a folder of the inbox, lazily: a folder is told before it is listed, so that whoever pulls may set a
 * watch on it first. Holds the names of one folder at a time (and of those above it), never their stats. A folder that
 * cannot be listed is told as an ignored entry, and the walk goes on.
 *
 * `byName` sorts the names of each folder.
 */
export function* walk(root: string, folder: string, byName: boolean): Generator<Sighting> {
  yield { kind: 'folder', id: folder };
  const names = list(root, folder);
  if (names === null) {
    yield { kind: 'ignored', reason: UNREADABLE };
    return;
  }
  for (const name of byName ? names.toSorted() : names) {
    const sighting = lookAt(root, folder, name);
    if (sighting.kind === 'folder') yield* walk(root, sighting.id, byName);
    else yield sighting;
  }
}

/**
 * Names as text, though those that are not valid UTF-8 come mangled: Buffers would double the cost of a listing
 * (100,000 names: 0.1 s against 0.2 s), and a mangled name shows when it is looked at.
 */
function list(root: string, folder: string): string[] | null {
  try {
    return readdirSync(`${root}/${folder}`);
  } catch (error) {
    // The inbox itself is no empty one because it is gone.
    return errorCode(error) === 'ENOENT' && folder !== '' ? [] : null;
  }
}
