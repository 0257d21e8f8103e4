import { lstatSync, type Stats } from 'node:fs';
import type { DocumentRef } from '../domain/document.ts';
import { UNREADABLE } from '../domain/ignored.ts';
import { type IgnoredKind, ignoredName } from './ignore.ts';
import { isRecipeName } from './recipe-name.ts';

/** A document as it is at the moment: a regular file, or a folder that is taken as one document. */
export interface DocumentSighting {
  readonly kind: 'document';
  readonly document: DocumentRef;
  /** Tells it from another of the same size and time that took its name: a file's inode; of a folder, a hash of its listing. */
  readonly state: number | string;
  /**
   * Whether something of it is still on its way: it does not stand still, however old it is.
   * @default false
   */
  readonly unfinished?: boolean;
}

/** What is found under a name in the inbox. Ids are paths below the inbox; the inbox itself is the empty id. */
export type Sighting =
  | DocumentSighting
  | { readonly kind: 'folder'; readonly id: string }
  | { readonly kind: 'recipe' }
  | { readonly kind: 'ignored'; readonly reason: IgnoredKind }
  | { readonly kind: 'gone'; readonly id: string };

/**
 * Looks at one entry of a folder, without following links. What a folder holds is not looked at.
 *
 * Synchronous on purpose: 100,000 calls of `lstatSync` cost 0.25 s of CPU, through the thread pool 1.3 s.
 */
export function lookAt(root: string, folder: string, name: string): Sighting {
  const reason = ignoredName(name);
  if (reason !== null) return isRecipeName(name) ? { kind: 'recipe' } : { kind: 'ignored', reason };
  const id = folder === '' ? name : `${folder}/${name}`;
  try {
    const stats = lstatSync(`${root}/${id}`, { throwIfNoEntry: false });
    return stats === undefined ? missing(id) : classify(id, stats);
  } catch {
    return { kind: 'ignored', reason: UNREADABLE };
  }
}

/** Node turns bytes that are no UTF-8 into U+FFFD, and under that name there is nothing. */
function missing(id: string): Sighting {
  return id.includes('\uFFFD') ? { kind: 'ignored', reason: 'names that are not valid UTF-8' } : { kind: 'gone', id };
}

function classify(id: string, stats: Stats): Sighting {
  if (stats.isFile())
    return { kind: 'document', document: { id, size: stats.size, mtimeMs: stats.mtimeMs }, state: stats.ino };

  if (stats.isDirectory()) return { kind: 'folder', id };
  return { kind: 'ignored', reason: stats.isSymbolicLink() ? 'links' : 'pipes, sockets and devices' };
}
