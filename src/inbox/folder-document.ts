import { hash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import type { FileState } from '../domain/document.ts';
import { UNREADABLE } from '../domain/events.ts';
import { errorCode } from '../lib/errors.ts';
import { type DocumentEntry, type InboxEntry, isUnfinishedName, lookAt, UNDERSCORED } from './entry.ts';

const ENDING = '.doc';

/** Whether a folder of this id or name is one document with all that is in it. A file of such a name is just a file. */
export function isFolderDocument(id: string): boolean {
  return id.endsWith(ENDING);
}

/** The document that an entry of the inbox belongs to: the outermost such folder that it lies in, or else the entry. */
export function documentAt(id: string): string {
  const end = id.indexOf(`${ENDING}/`);
  return end < 0 ? id : id.slice(0, end + ENDING.length);
}

const EMPTY = 'folders x.doc without a file';

/** Files of one document; one with more is refused when it is read. */
export const MOST_FILES = 1000;

/** A folder that is one document, with what it consists of. */
export interface FolderEntry extends DocumentEntry {
  /** In the order of their names, which are paths below the folder. */
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

/**
 * A folder that is one document. Yields it and each folder in it before that is listed, and what is ignored in it; then
 * the document. Without a file it is no document: `gone`, and ignored unless a file is on its way. If something in it
 * cannot be looked at, no document is yielded, as it is not known what it is. If a file is on its way into it, the document
 * is `unfinished`. Stops looking when it has more files than are read.
 */
export function* folderDocument(root: string, id: string): Generator<InboxEntry | FolderEntry> {
  const files: DocumentEntry[] = [];
  const folders: FolderState[] = [];
  let isKnown = true;
  let unfinished = false;
  for (const entry of everythingIn(root, id)) {
    if (entry.kind === 'unfinished') unfinished = true;
    else if (entry.kind === 'document') files.push(entry);
    else yield entry;
    if (entry.kind === 'folder') folders.push(stateOf(`${root}/${entry.id}`));
    if (entry.kind === 'ignored' && entry.reason === UNREADABLE) isKnown = false;
    if (files.length > MOST_FILES) break;
  }
  if (!isKnown) return;
  if (files.length > 0) yield { ...asOne(id, folders, files), unfinished };
  else {
    yield { kind: 'gone', id };
    if (!unfinished && folders[0]?.inode !== undefined) yield { kind: 'ignored', reason: EMPTY };
  }
}

/** In the order of names, so that the same files are left out of a listing that is too long. */
function* everythingIn(root: string, folder: string): Generator<InboxEntry | { readonly kind: 'unfinished' }> {
  yield { kind: 'folder', id: folder };
  let names: string[] = [];
  try {
    names = readdirSync(`${root}/${folder}`);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') yield { kind: 'ignored', reason: UNREADABLE };
  }
  for (const name of names.toSorted()) {
    const entry = lookAt(root, folder, name);
    if (isUnfinishedName(name)) yield { kind: 'unfinished' };
    if (entry.kind === 'folder') yield* everythingIn(root, entry.id);
    // A recipe counts for what lies beside and below it, and here is nothing that is asked by itself.
    else yield entry.kind === 'recipe' ? { kind: 'ignored', reason: UNDERSCORED } : entry;
  }
}

type FolderState = Pick<FileState, 'mtimeMs' | 'ctimeMs' | 'inode'>;

/** A folder that cannot be looked at is gone, or cannot be listed either. */
function stateOf(path: string): FolderState {
  try {
    const { mtimeMs, ctimeMs, ino: inode } = lstatSync(path);
    return { mtimeMs, ctimeMs, inode };
  } catch {
    return { mtimeMs: 0 };
  }
}

/** `folders`: the document's own comes first. */
function asOne(id: string, folders: readonly FolderState[], entries: readonly DocumentEntry[]): FolderEntry {
  const files = inReadingOrder(
    entries.map(({ document }) => ({ ...document, name: document.id.slice(id.length + 1) })),
  );
  const all = [...folders, ...files];
  const document = {
    id,
    size: files.reduce((sum, file) => sum + file.size, 0),
    mtimeMs: Math.max(...all.map(({ mtimeMs }) => mtimeMs)),
    ctimeMs: Math.max(...all.map(({ ctimeMs }) => ctimeMs ?? 0)),
    inode: folders[0]?.inode ?? null,
  };
  const listing = files.map((file) => [file.name, file.size, file.mtimeMs, file.ctimeMs, file.inode]);
  return { kind: 'document', document, state: hash('sha256', JSON.stringify(listing)), files };
}

/**
 * Sorts what has paths: folder by folder, in the order of the names, numbers in them by their value. So `page-2` comes
 * before `page-10`, and the order is the same on every machine.
 */
export function inReadingOrder<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, key: readingKey(file.name) }))
    .toSorted((one, other) => compare(one.key, other.key) || compare(one.file.name, other.file.name))
    .map(({ file }) => file);
}

/** By these, code unit by code unit, paths are in reading order. At most three times as long as the path. */
export function readingKey(path: string): string {
  return path.replaceAll('/', '\0').replaceAll(/\d+/g, numberKey);
}

/** Of two numbers without leading zeros, the longer is larger. The zero in front keeps numbers before letters. */
function numberKey(digits: string): string {
  const significant = digits.replace(/^0+/, '');
  return `0${String.fromCharCode(significant.length)}${significant}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * The version of a folder that is one document: the hex SHA-256 of the lines that `sha256sum --zero` writes of its
 * files, in their order. A hash has one length and no name holds a zero byte, so no other files make the same lines.
 */
export function folderVersion(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  return hash('sha256', files.map(({ name, sha256 }) => `${sha256}  ${name}\0`).join(''));
}

/** Looks again at what has an id. A folder is looked into only if it is a document. */
export function* lookAgain(root: string, id: string): Generator<InboxEntry | FolderEntry> {
  const slash = id.lastIndexOf('/');
  const entry = lookAt(root, id.slice(0, Math.max(slash, 0)), id.slice(slash + 1));
  if (entry.kind === 'folder' && isFolderDocument(id)) yield* folderDocument(root, id);
  else yield entry;
}

/** The folder that is the document of this id, as it is now; undefined if there is none, or if that is not known. */
export function lookAtFolder(root: string, id: string): FolderEntry | undefined {
  for (const entry of lookAgain(root, id)) if ('files' in entry) return entry;
  return undefined;
}
