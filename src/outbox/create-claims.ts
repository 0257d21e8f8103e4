import { readdirSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type Claim, cut } from './result-name.ts';

/** What follows the name of a document in the names of its files. */
const ENDING = /\.(?:(?:md|json)(?:\.receipt\.json)?|error\.json|partial\.md)$/;

/**
 * Claims for a folder whose file system takes `A.txt` and `a.txt` for one name: the first one to ask has it, the other
 * gets the hash. What lies in the folder claims its names by their spelling, so that the next run decides the same.
 */
export function createClaims(folder: string): Claim {
  const owners = new Map<string, string>();
  for (const { place, name, isFolder } of existing(folder)) owners.set(keyOf(place, name, isFolder), name);

  return (place, name, id) => {
    const key = keyOf(place, name, id.endsWith('/'));
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, name);
    return owner === undefined || owner === name ? name : cut(name, id);
  };
}

/** What a file system that folds may take for one and the same path. */
function keyOf(place: string, name: string, isFolder: boolean): string {
  return `${place}${name}${isFolder ? '/' : ''}`.normalize('NFC').toLowerCase();
}

function* existing(folder: string): Generator<{ place: string; name: string; isFolder: boolean }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const place = relative(folder, entry.parentPath).split(sep).join('/');
    const name = entry.isDirectory() ? entry.name : entry.name.replace(ENDING, '');
    yield { place: place === '' ? '' : `${place}/`, name, isFolder: entry.isDirectory() };
  }
}
