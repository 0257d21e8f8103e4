import { crc32, inflateRawSync } from 'node:zlib';
import { type ZipEntry, zipEntries } from '../../content/zip-entries.ts';
import { Refusal } from './refusal.ts';

/** Bytes that are unpacked of one archive, at most. */
const MOST_BYTES = 100 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
/** What has text in it: pictures, fonts and sounds are not unpacked. */
const TEXTS = /\.(?:xml|rels|opf|x?html?)$|^mimetype$/i;
/** Of an entry's own head (APPNOTE.TXT 4.3.7). */
const HEAD_BYTES = 30;

/** The files of an archive that hold text, by their paths. */
export type Texts = ReadonlyMap<string, Buffer>;

/**
 * Unpacks what has text in it. What an archive says of its sizes is held to: no entry gets more room, and one that comes
 * to anything else is damaged. Throws a `Refusal` where it is damaged, locked, or larger than anybody writes.
 */
export function unzipTexts(bytes: Buffer): Texts {
  try {
    return new Map(textEntries(bytes).map((entry) => [entry.path, unpack(bytes, entry)]));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('broken-document', 'It is a damaged ZIP or Office file. Save it again.');
  }
}

function textEntries(bytes: Buffer): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  let count = 0;
  let total = 0;
  for (const entry of zipEntries(bytes)) {
    count += 1;
    if (count > MOST_ENTRIES) throw tooLarge(`more than ${MOST_ENTRIES} files are in it`);
    if (!TEXTS.test(entry.path)) continue;
    total += entry.bytes;
    if (total > MOST_BYTES) throw tooLarge(`its text has more than ${MOST_BYTES} bytes`);
    entries.push(entry);
  }
  return entries;
}

function unpack(bytes: Buffer, entry: ZipEntry): Buffer {
  if (entry.locked) throw new Refusal('encrypted', 'It is locked with a password. Save it without one.');
  const start =
    entry.offset + HEAD_BYTES + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28);
  const packed = bytes.subarray(start, start + entry.packedBytes);
  const unpacked = entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.bytes) });
  if (unpacked.length !== entry.bytes || crc32(unpacked) !== entry.crc32)
    throw new RangeError('it is not what was packed');
  return unpacked;
}

function tooLarge(found: string): Refusal {
  return new Refusal('broken-document', `It cannot be unpacked: ${found}.`);
}
