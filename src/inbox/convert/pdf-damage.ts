import { inflateSync } from 'node:zlib';

const MARK = '%%EOF';
const POINTER = 'startxref';
/** Where readers look for what a PDF begins with. */
const HEAD_BYTES = 1024;

/**
 * Whether a PDF ends as it should (ISO 32000-1, 7.5.5): its table of objects is where it says, and nothing locks it. If
 * not, it may still be whole: `isCutPdf` and a library tell. Looks at a few bytes.
 */
export function isPlainPdf(bytes: Buffer): boolean {
  const trailer = trailerOf(bytes);
  return trailer !== null && !trailer.includes('/Encrypt') && !isCutPdf(bytes);
}

/** Whether the end of a PDF is missing. Libraries read what is left, and say nothing. */
export function isCutPdf(bytes: Buffer): boolean {
  const pointerAt = bytes.lastIndexOf(POINTER);
  const markAt = pointerAt < 0 ? bytes.lastIndexOf(MARK) : bytes.indexOf(MARK, pointerAt);
  // What the pointer says may be wrong in a whole file, but then the mark is there.
  if (markAt < 0) return trailerOf(bytes) === null;
  // A later version began, and has no end; or more was to come than there is.
  return bytes.includes(' obj', markAt) || linearizedBytes(bytes) > bytes.length - startOf(bytes);
}

/** Where its mark is: in some files, not at the beginning. */
function startOf(bytes: Buffer): number {
  return Math.max(0, bytes.subarray(0, HEAD_BYTES).indexOf('%PDF-'));
}

/** The length that a PDF says it has which is made for the web: it names its end at its beginning. 0: it is none. */
function linearizedBytes(bytes: Buffer): number {
  const head = bytes.toString('latin1', 0, 2 * HEAD_BYTES);
  const [, dictionary = ''] = /<<([^>]*\/Linearized\b[^>]*)>>/.exec(head) ?? [];
  return Number(/\/L\s+(\d+)/.exec(dictionary)?.[1] ?? 0);
}

/** The trailer that the last pointer leads to; null if it leads nowhere. */
function trailerOf(bytes: Buffer): string | null {
  const at = bytes.lastIndexOf(POINTER);
  const [, digits] = at < 0 ? [] : (/^startxref\s+(\d+)/.exec(bytes.toString('latin1', at, at + 64)) ?? []);
  if (digits === undefined) return null;
  // Places count from the mark, or from the first byte.
  return trailerAt(bytes, Number(digits)) ?? trailerAt(bytes, Number(digits) + startOf(bytes));
}

/** What follows the table of objects at a place; null if there is none. */
function trailerAt(bytes: Buffer, at: number): string | null {
  if (at >= bytes.length) return null;
  const start = bytes.toString('latin1', at, at + HEAD_BYTES);
  // A table that is packed is a stream, with the trailer as its head.
  if (/^\s*\d+\s+\d+\s+obj\b/.test(start)) {
    const end = start.indexOf('stream');
    return start.includes('/XRef') && end >= 0 ? start.slice(0, end) : null;
  }
  if (!/^\s*xref\b/.test(start)) return null;
  const trailer = bytes.indexOf('trailer', at);
  const end = bytes.indexOf(POINTER, trailer);
  return trailer < 0 || end < 0 ? null : bytes.toString('latin1', trailer, end);
}

const STREAM = 'stream';
const STREAM_END = 'endstream';
/** The dictionary of a stream that matters here stands within so many bytes before it. */
const DICTIONARY_BYTES = 4096;
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
  for (let at = bytes.indexOf(STREAM); at >= 0 && left > 0; ) {
    const end = bytes.indexOf(STREAM_END, at);
    if (end < 0) break;
    const head = bytes.toString('latin1', Math.max(0, at - DICTIONARY_BYTES), at);
    const dictionary = head.slice(head.lastIndexOf(' obj') + 1);
    if (/>>\s*$/.test(dictionary) && PACKED.test(dictionary) && !NO_TEXT.test(dictionary)) {
      const length = unpackedLength(bytes.subarray(afterLine(bytes, at + STREAM.length), end), left);
      if (length === null) damaged += 1;
      left -= length ?? 0;
    }
    at = bytes.indexOf(STREAM, end + STREAM_END.length);
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
