import { lstatSync } from 'node:fs';
import type { DocumentRef } from '../domain/document.ts';
import { UNREADABLE } from '../domain/events.ts';

/** A document as it is at the moment: a regular file, or a folder that is taken as one document. */
export interface DocumentEntry {
  readonly kind: 'document';
  readonly document: DocumentRef;
  /** Tells documents of the same name, size and time apart: a file's inode; a hash of a folder's listing. */
  readonly state: number | string;
  /** Whether something of it is still on its way: then it does not stand still, however old it is. @default false */
  readonly unfinished?: boolean;
}

/** What is found under a name in the inbox. Ids are paths below the inbox; the inbox itself is the empty id. */
export type InboxEntry =
  | DocumentEntry
  | { readonly kind: 'folder'; readonly id: string }
  | { readonly kind: 'recipe' }
  /** It is never read. `reason`: what it belongs to, in the words that people see. */
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'gone'; readonly id: string };

/**
 * Looks at one entry of a folder, without following links. What a folder holds is not looked at.
 *
 * Synchronous on purpose: 100,000 calls of `lstatSync` cost 0.25 s of CPU, through the thread pool 1.3 s.
 */
export function lookAt(root: string, folder: string, name: string): InboxEntry {
  const reason = ignoredName(name);
  if (reason !== null) return isRecipeName(name) ? { kind: 'recipe' } : { kind: 'ignored', reason };
  const id = folder === '' ? name : `${folder}/${name}`;
  try {
    const stats = lstatSync(`${root}/${id}`, { throwIfNoEntry: false });
    if (stats?.isFile() === true) {
      const { size, mtimeMs, ctimeMs, ino: inode } = stats;
      return { kind: 'document', document: { id, size, mtimeMs, ctimeMs, inode }, state: inode };
    }
    if (stats?.isDirectory() === true) return { kind: 'folder', id };
    if (stats !== undefined)
      return { kind: 'ignored', reason: stats.isSymbolicLink() ? 'links' : 'pipes, sockets and devices' };
    // Node turns bytes that are no UTF-8 into U+FFFD, and under that name there is nothing.
    return id.includes('\uFFFD') ? { kind: 'ignored', reason: 'names that are not valid UTF-8' } : { kind: 'gone', id };
  } catch {
    return { kind: 'ignored', reason: UNREADABLE };
  }
}

/** Downloads, copies and Syncthing write a file under such a name, and rename it at the end. */
const UNFINISHED = /^(?:~syncthing~|\.syncthing\.)|\.(?:tmp|part|partial|crdownload|download)$/i;

export const UNDERSCORED = 'names that begin with _';
const LEFTOVERS = 'editor and download leftovers';

const IGNORED_NAMES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: 'folders of other programs', pattern: /^(@eaDir|__MACOSX|\.stfolder|\.stversions)$/ },
  { kind: UNDERSCORED, pattern: /^_/ },
  { kind: LEFTOVERS, pattern: /^(\.#|~\$|\.~lock\.)/ },
  { kind: LEFTOVERS, pattern: /^(#.*#|.*~|\..*\.sw.|thumbs\.db|desktop\.ini|\.ds_store)$/is },
  { kind: LEFTOVERS, pattern: UNFINISHED },
  { kind: 'hidden names', pattern: /^\./ },
];

/** Why files and folders of this name are left alone, or null if the name is a document's. */
export function ignoredName(name: string): string | null {
  return IGNORED_NAMES.find(({ pattern }) => pattern.test(name))?.kind ?? null;
}

/** Whether a file of this name is on its way, and will get another name. Not if it is left alone for its `_`. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name) && ignoredName(name) === LEFTOVERS;
}

/** Whether a file of this name is a recipe for the documents beside and below it. */
export function isRecipeName(name: string): boolean {
  return /^_recipe\.(prompt|md|txt)$/.test(name);
}
