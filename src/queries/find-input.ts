import { relative, resolve, sep } from 'node:path';
import type { DocumentRef } from '../domain/document.ts';
import { UsageError } from '../domain/errors.ts';
import { lookAt, type Sighting } from '../inbox/entry.ts';
import { documentAt, isFolderDocument } from '../inbox/folder-document.ts';
import { gather } from '../inbox/gather.ts';

/**
 * The document of the inbox that a person means: by its id, or by a path to it, or to a file of a folder that is one.
 * Nothing is read.
 *
 * @throws UsageError where there is none, or where it is never read
 */
export function findInput(given: string, inbox: string, currentFolder: string): DocumentRef {
  const ids = [resolve(inbox, given), resolve(currentFolder, given)].map((path) => idBelow(inbox, path));
  const sightings = [...new Set(ids)].flatMap((id) => (id === null ? [] : sightingOf(inbox, documentAt(id))));
  const found = sightings.find((sighting) => sighting.kind === 'document');
  if (found !== undefined) return found.document;
  throw new UsageError(`${JSON.stringify(given)} ${whyNot(sightings, inbox)}`);
}

/** With `/` between; null where it does not lie there. */
function idBelow(inbox: string, path: string): string | null {
  const below = relative(inbox, path);
  return below === '' || below.startsWith('..') || resolve(inbox, below) !== path ? null : below.replaceAll(sep, '/');
}

/** As a scan would come to it, from folder to folder: what is left alone hides all that is in it. */
function sightingOf(inbox: string, id: string): Sighting {
  const names = id.split('/');
  let sighting: Sighting = { kind: 'folder', id: '' };
  for (const [depth, name] of names.entries()) {
    sighting = lookAt(inbox, names.slice(0, depth).join('/'), name);
    if (sighting.kind !== 'folder') break;
    if (isFolderDocument(name)) return [...gather(inbox, sighting.id)].at(-1) ?? { kind: 'gone', id };
  }
  // A file that stands where a folder should.
  return sighting.kind === 'document' && sighting.document.id !== id ? { kind: 'gone', id } : sighting;
}

function whyNot(sightings: readonly Sighting[], inbox: string): string {
  const there = sightings.find(({ kind }) => kind !== 'gone');
  switch (there?.kind) {
    case 'folder':
      return 'is a folder: name one of the documents in it.';
    case 'recipe':
      return 'is a recipe, which is not asked itself.';
    case 'ignored':
      return `is never read: it is of the kind "${there.reason}".`;
    case 'document':
    case 'gone':
    case undefined:
      return `is no document of ${inbox}: its id is its path below the inbox.`;
  }
}
