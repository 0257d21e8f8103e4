import { crc32, inflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { RefusalError } from './file-kind.ts';

/** Bytes that are unpacked of one archive, at most. */
const MOST_BYTES = 100 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
/** What has text in it: pictures, fonts and sounds are not unpacked. */
const TEXTS = /\.(?:xml|rels|opf|x?html?)$|^mimetype$/i;
/** Of the head before each entry's data (APPNOTE.TXT 4.3.7). */
const HEAD_BYTES = 30;

/** The files of an archive that hold text, by their paths. */
export type ArchiveTexts = ReadonlyMap<string, Buffer>;

/**
 * Unpacks what has text in it. An archive is held to the sizes that it declares: no entry gets more room, and one that
 * unpacks to another size is damaged. Throws a `RefusalError` if it is damaged, locked, or too large.
 */
export function unzipTexts(bytes: Buffer): ArchiveTexts {
  try {
    return new Map(textEntries(bytes).map((entry) => [entry.path, unpack(bytes, entry)]));
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    throw new RefusalError('broken-document', 'It is a damaged ZIP or Office file. Save it again.');
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
  if (entry.locked) throw new RefusalError('encrypted', 'It is locked with a password. Save it without one.');
  const start =
    entry.offset + HEAD_BYTES + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28);
  const packed = bytes.subarray(start, start + entry.packedBytes);
  const unpacked = entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.bytes) });
  if (unpacked.length !== entry.bytes || crc32(unpacked) !== entry.crc32)
    throw new RangeError('it is not what was packed');
  return unpacked;
}

function tooLarge(found: string): RefusalError {
  return new RefusalError('broken-document', `It cannot be unpacked: ${found}.`);
}

/** A file in an archive, as the archive's table of contents says. */
interface ZipEntry {
  readonly path: string;
  readonly locked: boolean;
  /** 0: stored as it is; 8: deflated. */
  readonly method: number;
  readonly crc32: number;
  /** Packed; `bytes` is the size unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where the head before its data begins. */
  readonly offset: number;
}

/** APPNOTE.TXT 4.3.12 and 4.3.16. */
const ENTRY = 0x02_01_4b_50;
const ENTRY_BYTES = 46;
const END = Buffer.from('PK\x05\x06', 'latin1');

/**
 * The table of contents of a ZIP archive, entry after entry. Throws a `RangeError` if it leads outside of the bytes.
 * Archives over 4 GB (ZIP64) are not read: their fields lead outside.
 */
function* zipEntries(bytes: Buffer): Generator<ZipEntry> {
  const end = bytes.lastIndexOf(END);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (bytes.readUInt32LE(at) !== ENTRY) throw new RangeError('an entry is not where it should be');
    const names = at + ENTRY_BYTES;
    const nameBytes = bytes.readUInt16LE(at + 28);
    yield {
      path: bytes.toString('utf8', names, names + nameBytes),
      locked: bytes.readUInt16LE(at + 8) % 2 === 1,
      method: bytes.readUInt16LE(at + 10),
      crc32: bytes.readUInt32LE(at + 16),
      packedBytes: bytes.readUInt32LE(at + 20),
      bytes: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    at = names + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

/**
 * An archive of what was unpacked within bounds, for libraries that unpack by themselves and know no bounds. Nothing is
 * compressed.
 */
export function packAgain(texts: ArchiveTexts): Buffer {
  const packed = zipSync(Object.fromEntries(texts), { level: 0 });
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}
