import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, PER_FOLDER } from './folder-of.mjs';

function count(folder, ending) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(ending)).length;
  } catch {
    return 0; // It was not made yet.
  }
}

/** Counts results and error reports; a folder in which nothing more is to come is not looked into again. */
export function createCounter({ root }, documents) {
  const full = new Set();
  const doneIn = (folder) => {
    if (full.has(folder)) return PER_FOLDER;
    const done = count(join(root, 'outbox', folder), '.md') + count(join(root, 'failed', folder), '.error.json');
    if (done === PER_FOLDER) full.add(folder);
    return done;
  };
  const folders = Array.from({ length: Math.ceil(documents / PER_FOLDER) }, (_, index) => folderOf(index * PER_FOLDER));
  return () => folders.reduce((sum, folder) => sum + doneIn(folder), 0);
}
