import { hash } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, read, readSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type DocumentRef, isUntouched, type ReadOutcome, type SourceFile } from '../domain/document.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { folderVersion, isFolderDocument, lookAtFolder, MOST_FILES } from './folder-document.ts';

interface ReadSettings {
  readonly root: string;
  /** Larger documents are refused before a byte is read. */
  readonly maxBytes: number;
}

/** Reads a document whole, in one state, with the size and mtime that `document` says. Never rejects. */
export async function readDocument(settings: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const once = await readOnce(settings, document);
  if (!('touched' in once)) return once;
  // Since it was found it was linked, say, or replaced: that none of it was written meanwhile, only a second reading tells.
  await sleep(TICK_MS);
  const again = await readOnce(settings, once.touched);
  if ('touched' in again) return OVERTAKEN;
  return again.kind === 'read' ? { ...again, content: { ...again.content, document } } : again;
}

/** Longer than between two ticks of the clock that file systems take ctimes from. */
const TICK_MS = 20;

/** `touched`: the file has the size and mtime that it was found with, and was touched or replaced since. */
async function readOnce(
  settings: ReadSettings,
  document: DocumentRef,
): Promise<ReadOutcome | { readonly touched: DocumentRef }> {
  const path = `${settings.root}/${document.id}`;
  try {
    const descriptor = openSync(path, FLAGS);
    try {
      // After opening: what was opened is what was looked at.
      if (leadsOutside(settings.root, document.id))
        return refused('link', 'A folder on its path became a link, and links are not followed. Drop the file itself.');
      if (isFolderDocument(document.id) && fstatSync(descriptor).isDirectory())
        return await readFolder(settings, document);
      return await readFile(descriptor, settings, document);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return whyNot(error, path);
  }
}

/** One look at its state, after the last byte, is enough: a write before or during the read changed the state. */
async function readFile(
  descriptor: number,
  { maxBytes }: ReadSettings,
  document: DocumentRef,
): Promise<ReadOutcome | { readonly touched: DocumentRef }> {
  const { size } = document;
  const bytes = size > maxBytes ? null : await readBytes(descriptor, size, size <= SMALL);
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return NOT_A_FILE;
  if (stats.size !== size || stats.mtimeMs !== document.mtimeMs) return OVERTAKEN;
  if (bytes === null) return tooLarge(size, maxBytes);
  const now = { ...document, ctimeMs: stats.ctimeMs, inode: stats.ino };
  if (!isUntouched(document, now)) return { touched: now };
  if (bytes.length < size) return OVERTAKEN;
  const sha256 = hash('sha256', bytes);
  if (size === 0) return empty(sha256);
  return { kind: 'read', content: { document, sha256, files: [{ name: basename(document.id), bytes }] } };
}

/**
 * Reads a folder that is one document: all its files whole, in the state that `document` describes, and with nothing
 * changed, added or removed in it meanwhile. Rejects with the system's error.
 */
async function readFolder({ root, maxBytes }: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const { id, size, mtimeMs } = document;
  const found = lookAtFolder(root, id);
  if (found?.document.size !== size || found.document.mtimeMs !== mtimeMs) return OVERTAKEN;
  if (found.files.length > MOST_FILES)
    return refused('too-many-files', `It has more than ${MOST_FILES} files. Split it into several folders.`);
  if (size > maxBytes) return tooLarge(size, maxBytes);

  const files: SourceFile[] = [];
  for (const { name, size: fileSize } of found.files) {
    // oxlint-disable-next-line no-await-in-loop -- one after another: a folder counts as one document that is open
    const bytes = await readFileOf(root, `${id}/${name}`, fileSize, size <= SMALL);
    if (bytes === null) return OVERTAKEN;
    files.push({ name, bytes });
  }
  if (lookAtFolder(root, id)?.state !== found.state) return OVERTAKEN;
  const sha256 = folderVersion(files.map(({ name, bytes }) => ({ name, sha256: hash('sha256', bytes) })));
  return size === 0 ? empty(sha256) : { kind: 'read', content: { document, sha256, files } };
}

/** Null if it is no longer what was found. */
async function readFileOf(root: string, id: string, size: number, synchronously: boolean): Promise<Buffer | null> {
  let descriptor: number;
  try {
    descriptor = openSync(`${root}/${id}`, FLAGS);
  } catch (error) {
    // A link or a socket took its place.
    if (['ELOOP', 'ENXIO'].includes(errorCode(error))) return null;
    throw error;
  }
  try {
    if (!fstatSync(descriptor).isFile() || leadsOutside(root, id)) return null;
    const bytes = await readBytes(descriptor, size, synchronously);
    return bytes.length === size ? bytes : null;
  } finally {
    closeSync(descriptor);
  }
}

/** Opens no link, and does not wait for a program that writes into a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Bytes. Up to this size a document is read synchronously: measured, 2 kB cost 25 to 40 µs of CPU this way, and through
 * the thread pool four times as much.
 */
const SMALL = 64 * 1024;

const readAsync = promisify(read);

/** Reads from where the descriptor stands; fewer bytes than `size` if the file has no more. */
async function readBytes(descriptor: number, size: number, synchronously: boolean): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  for (let got = -1; got !== 0 && length < size; length += got) {
    if (synchronously) got = readSync(descriptor, bytes, { offset: length });
    // oxlint-disable-next-line no-await-in-loop -- each read continues the one before
    else got = (await readAsync(descriptor, bytes, length, size - length, null)).bytesRead;
  }
  return bytes.subarray(0, length);
}

/** It is not in the state that it was found in: the next look finds it as it is. */
const OVERTAKEN: ReadOutcome = { kind: 'overtaken', reason: 'It changed since it was found.' };

const NOT_A_FILE: ReadOutcome = refused('not-a-file', 'It is not a regular file.');

function refused(code: string, reason: string, sha256: string | null = null): ReadOutcome {
  return { kind: 'refused', code, reason, sha256 };
}

/** Sizes in bytes. */
function tooLarge(size: number, limit: number): ReadOutcome {
  return refused(
    'too-large',
    `It has ${size} bytes, and the limit is ${limit}. Split it, or raise the limit with --max-bytes.`,
  );
}

function empty(sha256: string): ReadOutcome {
  return refused('empty', 'It is empty: put something in it.', sha256);
}

/** What an error of the system, met while a document was read, means for it. */
function whyNot(error: unknown, path: string): ReadOutcome {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return existsSync(path) ? OVERTAKEN : { kind: 'gone' };
    case 'ELOOP':
      return refused('link', 'It is a link, and links are not followed. Drop the file itself.');
    case 'ENXIO':
    case 'EISDIR':
      return NOT_A_FILE;
    case 'EACCES':
    case 'EPERM':
      return refused('unreadable', 'Its permissions do not allow reading it. Give read permission and drop it again.');
    case 'EMFILE':
    case 'ENFILE':
      return { kind: 'busy', reason: `Too many files are open (${errorCode(error)}). Raise the limit (ulimit -n).` };
    default:
      return { kind: 'overtaken', reason: `It could not be read at the moment: ${errorMessage(error)}.` };
  }
}

/**
 * Whether a folder between the inbox and a document is a link: it may have been swapped for one since the scan. The
 * inbox itself may be reached through links. Throws the system's error if a folder is gone.
 */
export function leadsOutside(root: string, id: string): boolean {
  for (let end = id.indexOf('/'); end >= 0; end = id.indexOf('/', end + 1))
    if (lstatSync(`${root}/${id.slice(0, end)}`).isSymbolicLink()) return true;

  return false;
}
