import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import type { DocumentRef, ReadOutcome } from '../domain/document.ts';
import { errorCode, errorMessage } from '../domain/errors.ts';
import { decodeText } from './decode-text.ts';
import { leadsOutside } from './leads-outside.ts';

/** What reading is told. */
export interface ReadSettings {
  readonly root: string;
  /** Larger files are refused before a byte is read. */
  readonly maxBytes: number;
}

/** Not through a link, and without waiting for whoever writes into a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Bytes. Up to this size a file is read synchronously: measured, 2 kB cost 25 to 40 µs of CPU this way, and through the
 * thread pool four times as much.
 */
const SMALL = 64 * 1024;

const OVERTAKEN: ReadOutcome = { kind: 'overtaken', reason: 'It changed since it was found.' };

/** Reads a document whole and in the very state that `document` tells of. Never throws. */
export async function readDocument(settings: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  try {
    const descriptor = openSync(`${settings.root}/${document.id}`, FLAGS);
    try {
      return await readOpened(descriptor, settings, document);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return whyNot(error);
  }
}

async function readOpened(descriptor: number, settings: ReadSettings, document: DocumentRef): Promise<ReadOutcome> {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return refused('not-a-file', 'It is not a regular file.');
  // After opening: what was opened is what was looked at.
  if (leadsOutside(settings.root, document.id))
    return refused('link', 'A folder on its path became a link, and links are not followed. Drop the file itself.');

  if (!isState(stats, document)) return OVERTAKEN;
  if (stats.size > settings.maxBytes) return refused('too-large', tooLarge(stats.size, settings.maxBytes));

  const bytes = await readBytes(descriptor, stats.size);
  if (bytes.length < stats.size || !isState(fstatSync(descriptor), document)) return OVERTAKEN;
  return judge(bytes, document);
}

function isState(stats: Stats, { size, mtimeMs }: DocumentRef): boolean {
  return stats.size === size && stats.mtimeMs === mtimeMs;
}

async function readBytes(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  for (let got = -1; got !== 0 && length < size; length += got) {
    // oxlint-disable-next-line no-await-in-loop -- each read continues the one before
    got = size <= SMALL ? readSync(descriptor, bytes, { offset: length }) : await readPart(descriptor, bytes, length);
  }
  return bytes.subarray(0, length);
}

const readAsync = promisify(read);

async function readPart(descriptor: number, bytes: Buffer, offset: number): Promise<number> {
  const { bytesRead } = await readAsync(descriptor, bytes, offset, bytes.length - offset, null);
  return bytesRead;
}

function judge(bytes: Buffer, document: DocumentRef): ReadOutcome {
  const sha256 = hash('sha256', bytes);
  if (bytes.length === 0) return refused('empty', 'It is empty. Drop it again with something in it.', sha256);
  const decoded = decodeText(bytes);
  if (decoded.kind === 'refused') return { ...decoded, sha256 };
  if (!/\S/.test(decoded.text)) return refused('blank', 'There is nothing in it but white space.', sha256);
  return { kind: 'read', content: { document, sha256, text: decoded.text } };
}

function refused(code: string, reason: string, sha256: string | null = null): ReadOutcome {
  return { kind: 'refused', code, reason, sha256 };
}

function tooLarge(size: number, limit: number): string {
  return `It has ${size} bytes, and the limit is ${limit}. Split it, or raise the limit with --max-bytes.`;
}

function whyNot(error: unknown): ReadOutcome {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'gone' };
    case 'ELOOP':
      return refused('link', 'It is a link, and links are not followed. Drop the file itself.');
    case 'ENXIO':
      return refused('not-a-file', 'It is not a regular file.');
    case 'EACCES':
    case 'EPERM':
      return refused('unreadable', 'Its permissions do not allow reading it. Give read permission and drop it again.');
    default:
      return { kind: 'overtaken', reason: `It could not be read at the moment: ${errorMessage(error)}.` };
  }
}
