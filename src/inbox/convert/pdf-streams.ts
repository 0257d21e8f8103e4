import { inflateSync } from 'node:zlib';

const START = 'stream';
const END = 'endstream';
/** The dictionary of a stream that matters here stands within so many bytes before it. */
const HEAD_BYTES = 4096;
/** Of all streams together: more is not looked through. */
const MOST_BYTES = 200_000_000;
/** Pictures, programs of fonts and colours hold no text. */
const NO_TEXT = /\/Image\b|\/Length1\b|\/(?:Type1C|CIDFontType0C|OpenType)\b|\/Alternate\b/;
/** It is packed by this first, and not by others. */
const PACKED = /\/Filter\s*(?:\[\s*)?\/(?:FlateDecode|Fl)\b/;

/**
 * How many packed streams of a PDF are damaged. Libraries read them as far as they can, wrong letters and all, and say
 * nothing; each stream ends with a sum of what was packed. What is encrypted is not looked at.
 */
export function damagedStreams(bytes: Buffer): number {
  if (bytes.includes('/Encrypt')) return 0;
  let left = MOST_BYTES;
  let damaged = 0;
  for (let at = bytes.indexOf(START); at >= 0 && left > 0; ) {
    const end = bytes.indexOf(END, at);
    if (end < 0) break;
    const head = bytes.toString('latin1', Math.max(0, at - HEAD_BYTES), at);
    const dictionary = head.slice(head.lastIndexOf(' obj') + 1);
    if (/>>\s*$/.test(dictionary) && PACKED.test(dictionary) && !NO_TEXT.test(dictionary)) {
      const length = unpackedLength(bytes.subarray(afterLine(bytes, at + START.length), end), left);
      if (length === null) damaged += 1;
      left -= length ?? 0;
    }
    at = bytes.indexOf(START, end + END.length);
  }
  return damaged;
}

function afterLine(bytes: Buffer, at: number): number {
  const next = bytes[at] === 0x0d ? at + 1 : at;
  return bytes[next] === 0x0a ? next + 1 : next;
}

/** Null if it is damaged; as long as may be, if it is longer. */
function unpackedLength(packed: Buffer, most: number): number | null {
  try {
    return inflateSync(packed, { maxOutputLength: most }).length;
  } catch (error) {
    return error instanceof RangeError ? most : null;
  }
}
