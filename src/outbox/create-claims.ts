import { readdirSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type Claim, cut } from './result-names.ts';

/** What follows a file's own name where it lies beside a result, or reports on a document. */
const SUFFIX = /\.(?:(?:receipt|annotations|error)\.json|(?:reasoning|partial)\.md|image-\d+\.[a-z]+)$/;

/**
 * Claims for a folder whose file system takes `A.txt` and `a.txt` for one name: the first one to ask has it, the other
 * gets the hash. What lies in the folder claims its names by their spelling, so that the next run decides the same.
 */
export function createClaims(folder: string): Claim {
  const owners = new Map<string, string>();
  for (const { place, name, isFolder } of existing(folder)) owners.set(keyOf(place, name, isFolder), name);

  return (place, name, ending, id) => {
    const file = name + ending;
    const key = keyOf(place, file, id.endsWith('/'));
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, file);
    return owner === undefined || owner === file ? name : cut(name, id);
  };
}

/** What a file system that folds may take for one and the same path. */
function keyOf(place: string, name: string, isFolder: boolean): string {
  return `${place}${name}${isFolder ? '/' : ''}`.normalize('NFC').toLowerCase();
}

function* existing(folder: string): Generator<{ place: string; name: string; isFolder: boolean }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const below = relative(folder, entry.parentPath).split(sep).join('/');
    const place = below === '' ? '' : `${below}/`;
    const isFolder = entry.isDirectory();
    yield { place, name: entry.name, isFolder };
    if (!isFolder && SUFFIX.test(entry.name)) yield { place, name: entry.name.replace(SUFFIX, ''), isFolder };
  }
}
