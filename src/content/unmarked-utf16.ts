import { decodeStrictly } from './decode-strictly.ts';

/** Fewer bytes tell nothing. */
const FEWEST_BYTES = 8;
/** Of its characters, this share must be of the first 256. */
const LEAST_SHARE = 0.5;
/** Characters that no text has: other controls than tab, line ends and form feed, unassigned ones, private ones. */
const SUSPECT = /(?![\t\n\f\r])[\p{Cc}\p{Cn}\p{Co}\p{Cs}]/u;

/**
 * The text of UTF-16 without a byte order mark, where it can be nothing else: zero bytes all on one side of the pairs,
 * in at least half of them, and not one character that no text has. Null where that is not so.
 */
export function unmarkedUtf16(bytes: Buffer): string | null {
  if (bytes.length < FEWEST_BYTES || bytes.length % 2 !== 0) return null;
  const zeros = countZeros(bytes);
  if (zeros === null || zeros.count < (bytes.length / 2) * LEAST_SHARE) return null;
  const text = decodeStrictly(bytes, zeros.side === 1 ? 'utf-16le' : 'utf-16be');
  return text === null || SUSPECT.test(text) ? null : text;
}

/** Null where there are zero bytes on both sides: a byte's place in its pair. */
function countZeros(bytes: Buffer): { readonly side: number; readonly count: number } | null {
  const side = bytes.indexOf(0) % 2;
  let count = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    if (at % 2 !== side) return null;
    count += 1;
  }
  return { side, count };
}
