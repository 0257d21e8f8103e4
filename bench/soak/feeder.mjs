import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeDocument } from '../support/workspace.mjs';
import { folderOf, PER_FOLDER } from './folder-of.mjs';

/** Documents that wait in the inbox, at most: as many as keep the daemon busy. */
const BACKLOG = 2000;

/** Writes documents as fast as they are worked off: call what it returns with how many are done, and are to be in all. */
export function createFeeder({ inbox }) {
  let written = 0;
  return (done, documents) => {
    for (; written < documents && written - done < BACKLOG; written += 1) {
      const folder = join(inbox, folderOf(written));
      if (written % PER_FOLDER === 0) mkdirSync(folder);
      writeDocument(join(folder, `${written}.txt`), written);
    }
  };
}
