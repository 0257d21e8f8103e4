/** A file in an archive, as the archive's table of contents tells of it. */
export interface ZipEntry {
  readonly path: string;
  readonly locked: boolean;
  /** 0: stored as it is; 8: deflated. */
  readonly method: number;
  readonly crc32: number;
  /** As it is packed, and unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its own head begins. */
  readonly offset: number;
}

/** APPNOTE.TXT 4.3.12 and 4.3.16. */
const ENTRY = 0x02_01_4b_50;
const ENTRY_BYTES = 46;
const END = Buffer.from('PK\x05\x06', 'latin1');

/**
 * The table of contents of a ZIP archive, entry after entry. Throws a `RangeError` where it leads outside of the bytes.
 * Archives over 4 GB (ZIP64) are not read: their fields lead outside.
 */
export function* zipEntries(bytes: Buffer): Generator<ZipEntry> {
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
