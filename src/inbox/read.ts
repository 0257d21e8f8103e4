import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import type { DocumentRef, ReadOutcome } from '../domain/document.ts';
import { isFolderDocument } from './folder-document.ts';
import { leadsOutside } from './leads-outside.ts';
import { FLAGS, readBytes, SMALL } from './read-bytes.ts';
import { readFolder } from './read-folder.ts';
import { empty, OVERTAKEN, refused, tooLarge, whyNot } from './refusals.ts';

/** What reading is told. */
export interface ReadSettings {
  readonly root: string;
  /** Larger documents are refused before a byte is read. */
  readonly maxBytes: number;
}

/** Reads a document whole and in the very state that `document` tells of. Never throws. */
export async function readDocument(settings: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const path = `${settings.root}/${document.id}`;
  try {
    const descriptor = openSync(path, FLAGS);
    try {
      return await readOpened(descriptor, settings, document);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return whyNot(error, path);
  }
}

async function readOpened(descriptor: number, settings: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const stats = fstatSync(descriptor);
  const isFolder = stats.isDirectory() && isFolderDocument(document.id);
  if (!stats.isFile() && !isFolder) return refused('not-a-file', 'It is not a regular file.');
  // After opening: what was opened is what was looked at.
  if (leadsOutside(settings.root, document.id))
    return refused('link', 'A folder on its path became a link, and links are not followed. Drop the file itself.');

  return isFolder ? readFolder(settings, document) : readFile(descriptor, stats, settings, document);
}

async function readFile(
  descriptor: number,
  stats: Stats,
  { maxBytes }: ReadSettings,
  document: DocumentRef,
): Promise<ReadOutcome> {
  if (!isState(stats, document)) return OVERTAKEN;
  const { size } = stats;
  if (size > maxBytes) return tooLarge(size, maxBytes);

  const bytes = await readBytes(descriptor, size, size <= SMALL);
  if (bytes.length < size || !isState(fstatSync(descriptor), document)) return OVERTAKEN;
  const sha256 = hash('sha256', bytes);
  if (size === 0) return empty(sha256);
  return { kind: 'read', content: { document, sha256, files: [{ name: basename(document.id), bytes }] } };
}

function isState(stats: Stats, { size, mtimeMs }: DocumentRef): boolean {
  return stats.size === size && stats.mtimeMs === mtimeMs;
}
