import { crc32, inflateRawSync } from 'node:zlib';
import { decodeText } from './decode-text.ts';
import { RefusalError } from './file-kind.ts';

/** Bytes that are unpacked of one archive, at most. */
const MOST_BYTES = 100 * 1024 * 1024;
const MOST_ENTRIES = 20_000;
/** In which zlib unpacks; 64 is its own least. */
const SMALLEST_PIECE = 64;
const LARGEST_PIECE = 1024 * 1024;
/** Of the head before each entry's data (APPNOTE.TXT 4.3.7). */
const HEAD_BYTES = 30;

/**
 * A ZIP archive. A file in it is unpacked when it is asked for: pictures, fonts and sounds never are. An archive is held
 * to the sizes that it declares: no file gets more room, and one that unpacks to another size is damaged. Names are found
 * as they are, else whatever their case, with `/` for `\`: what Office writes and reads. All methods throw a `RefusalError`
 * if what they need is damaged, locked or too large.
 */
export class Archive {
  readonly #bytes: Buffer;
  readonly #entries = new Map<string, ZipEntry>();
  /** Names that two different files have. */
  readonly #ambiguous = new Set<ZipEntry>();
  readonly #unpacked = new Map<ZipEntry, Buffer>();
  #total = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    try {
      let count = 0;
      for (const entry of zipEntries(bytes)) {
        count += 1;
        if (count > MOST_ENTRIES) throw tooLarge(`more than ${MOST_ENTRIES} files are in it`);
        const path = plainPath(entry.path);
        const other = this.#entries.get(path);
        const isOther = other?.path === entry.path && (other.crc32 !== entry.crc32 || other.bytes !== entry.bytes);
        if (isOther || (other !== undefined && this.#ambiguous.has(other))) this.#ambiguous.add(entry);
        this.#entries.set(path, entry);
        const folded = path.toLowerCase();
        if (!this.#entries.has(folded)) this.#entries.set(folded, entry);
      }
    } catch (error) {
      throw damagedUnlessRefused(error);
    }
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** Null if there is no such file. */
  bytes(path: string): Buffer | null {
    const entry = this.#find(path);
    if (entry === undefined) return null;
    if (this.#ambiguous.has(entry)) {
      const reason = `${entry.path} is in it twice, and differs: which is meant is not known. Save it again.`;
      throw new RefusalError('broken-document', reason);
    }
    const known = this.#unpacked.get(entry);
    if (known !== undefined) return known;
    this.#total += entry.bytes;
    if (this.#total > MOST_BYTES) throw tooLarge(`its text has more than ${MOST_BYTES} bytes`);
    try {
      const unpacked = unpack(this.#bytes, entry);
      this.#unpacked.set(entry, unpacked);
      return unpacked;
    } catch (error) {
      throw damagedUnlessRefused(error);
    }
  }

  /** As it is encoded; null if there is no such file. */
  text(path: string): string | null {
    const bytes = this.bytes(path);
    if (bytes === null) return null;
    const decoded = decodeText(bytes);
    if (decoded.kind === 'text') return decoded.text;
    throw new RefusalError('broken-document', `${path} in it is damaged. Save it again.`);
  }

  #find(path: string): ZipEntry | undefined {
    const plain = plainPath(path);
    return this.#entries.get(plain) ?? this.#entries.get(plain.toLowerCase());
  }
}

function plainPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\//, '');
}

function damagedUnlessRefused(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error;
  return new RefusalError('broken-document', 'It is a damaged ZIP or Office file. Save it again.');
}

function unpack(bytes: Buffer, entry: ZipEntry): Buffer {
  if (entry.locked) throw new RefusalError('encrypted', 'It is locked with a password. Save it without one.');
  const start =
    entry.offset + HEAD_BYTES + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28);
  const packed = bytes.subarray(start, start + entry.packedBytes);
  const maxOutputLength = Math.max(1, entry.bytes);
  // In one piece, if it is not large: the pieces of zlib would be larger than most files.
  const chunkSize = Math.min(Math.max(entry.bytes, SMALLEST_PIECE), LARGEST_PIECE);
  const unpacked = entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength, chunkSize });
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
  if (end < 0) throw new RangeError('it has no table of contents');
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
