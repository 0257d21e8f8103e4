const LARGEST = 0x10_ff_ff;
const FIRST_SURROGATE = 0xd8_00;
const LAST_SURROGATE = 0xdf_ff;
/** Code points that are made to text at once: arguments of one call. */
const SLICE = 4096;

/** Text in UTF-32, which TextDecoder does not know; `encoding` is `utf-32le` or `utf-32be`. Null where it is not valid. */
export function decodeUtf32(bytes: Buffer, encoding: string): string | null {
  if (bytes.length % 4 !== 0) return null;
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; start += 4 * SLICE) {
    const points = codePoints(bytes.subarray(start, start + 4 * SLICE), encoding === 'utf-32le');
    if (!points.every(isCharacter)) return null;
    texts.push(String.fromCodePoint(...points));
  }
  return texts.join('');
}

function codePoints(bytes: Buffer, littleEndian: boolean): readonly number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) =>
    littleEndian ? bytes.readUInt32LE(4 * index) : bytes.readUInt32BE(4 * index),
  );
}

function isCharacter(point: number): boolean {
  return point <= LARGEST && (point < FIRST_SURROGATE || point > LAST_SURROGATE);
}
