import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { DocumentRef, ReadOutcome, SourceFile } from '../domain/document.ts';
import { errorCode } from '../domain/errors.ts';
import { folderVersion } from './folder-version.ts';
import { type FolderSighting, MOST_FILES } from './gather.ts';
import { leadsOutside } from './leads-outside.ts';
import { lookAtFolder } from './look-again.ts';
import type { ReadSettings } from './read.ts';
import { FLAGS, readBytes, SMALL } from './read-bytes.ts';
import { empty, OVERTAKEN, refused, tooLarge } from './refusals.ts';

/**
 * Reads a folder that is one document: all its files whole, in the state that `document` tells of, and with nothing
 * changed, come or gone in it meanwhile. Rejects with the system's error.
 */
export async function readFolder({ root, maxBytes }: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const { id, size, mtimeMs } = document;
  const found = lookAtFolder(root, id);
  if (found?.document.size !== size || found.document.mtimeMs !== mtimeMs) return OVERTAKEN;
  if (found.files.length > MOST_FILES)
    return refused('too-many-files', `It has more than ${MOST_FILES} files. Split it into several folders.`);
  if (size > maxBytes) return tooLarge(size, maxBytes);

  const files = await readFiles(root, found);
  if (files === null || lookAtFolder(root, id)?.state !== found.state) return OVERTAKEN;
  const sha256 = folderVersion(files.map(({ name, bytes }) => ({ name, sha256: hash('sha256', bytes) })));
  return size === 0 ? empty(sha256) : { kind: 'read', content: { document, sha256, files } };
}

/** Null where one of them is no longer what was found. */
async function readFiles(root: string, { document, files }: FolderSighting): Promise<readonly SourceFile[] | null> {
  const read: SourceFile[] = [];
  for (const { name, size } of files) {
    // oxlint-disable-next-line no-await-in-loop -- one after another: a folder counts as one document that is open
    const bytes = await readFileOf(root, `${document.id}/${name}`, size, document.size <= SMALL);
    if (bytes === null) return null;
    read.push({ name, bytes });
  }
  return read;
}

async function readFileOf(root: string, id: string, size: number, synchronously: boolean): Promise<Buffer | null> {
  const descriptor = openFile(`${root}/${id}`);
  if (descriptor === null) return null;
  try {
    if (!fstatSync(descriptor).isFile() || leadsOutside(root, id)) return null;
    const bytes = await readBytes(descriptor, size, synchronously);
    return bytes.length === size ? bytes : null;
  } finally {
    closeSync(descriptor);
  }
}

/** Null where a link or a socket took the file's place. */
function openFile(path: string): number | null {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    if (['ELOOP', 'ENXIO'].includes(errorCode(error))) return null;
    throw error;
  }
}
