import { isUtf8 } from 'node:buffer';

/** Text, or why the bytes are none: a stable word and a sentence. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

const ONLY_TEXT = 'Only text is read.';
const SAVE_AS_UTF8 = 'Save it as UTF-8 and drop it again.';

/** Marks at the start of a file; the longer ones first, as UTF-32 begins like UTF-16. */
const marks: readonly { readonly bytes: string; readonly decode: (bytes: Buffer) => Decoded }[] = [
  { bytes: '\xFF\xFE\0\0', decode: () => wrongEncoding('It is UTF-32, which is not read.') },
  { bytes: '\0\0\xFE\xFF', decode: () => wrongEncoding('It is UTF-32, which is not read.') },
  { bytes: '\xFF\xFE', decode: (bytes) => utf16(bytes, 'utf-16le') },
  { bytes: '\xFE\xFF', decode: (bytes) => utf16(bytes, 'utf-16be') },
  { bytes: '\xEF\xBB\xBF', decode: (bytes) => utf8(bytes.subarray(3)) },
  { bytes: '%PDF-', decode: () => notText('It is a PDF.') },
  { bytes: '\x89PNG', decode: () => notText('It is a PNG picture.') },
  { bytes: '\xFF\xD8\xFF', decode: () => notText('It is a JPEG picture.') },
  { bytes: 'GIF8', decode: () => notText('It is a GIF picture.') },
  { bytes: 'PK\x03\x04', decode: () => notText('It is a ZIP archive or an Office document.') },
  { bytes: '\x1F\x8B', decode: () => notText('It is a gzip archive.') },
];

/** Strictly UTF-8, or what a byte order mark says; nothing is guessed. The mark is not part of the text. */
export function decodeText(bytes: Buffer): Decoded {
  const start = bytes.toString('latin1', 0, 8);
  const mark = marks.find((candidate) => start.startsWith(candidate.bytes));
  return mark === undefined ? utf8(bytes) : mark.decode(bytes);
}

function utf8(bytes: Buffer): Decoded {
  if (bytes.includes(0)) return notText('It is binary, or UTF-16 without a mark: it has zero bytes.');
  return isUtf8(bytes) ? plain(bytes.toString('utf8')) : wrongEncoding('It is not valid UTF-8.');
}

function utf16(bytes: Buffer, encoding: string): Decoded {
  try {
    return plain(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch {
    return wrongEncoding('It begins like UTF-16 but is not valid UTF-16.');
  }
}

/** Control characters that no text file needs; tab, line ends, form feed and escape (colours in logs) are well. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x07\x0B\x0E-\x1A\x1C-\x1F]/g;
/** A stray one is forgiven; this share of a file is not. */
const MOST_CONTROLS = 0.01;

function plain(text: string): Decoded {
  const controls = text.match(CONTROLS)?.length ?? 0;
  if (controls > text.length * MOST_CONTROLS) return notText('It is binary: it is full of control characters.');
  return { kind: 'text', text };
}

function notText(found: string): Decoded {
  return { kind: 'refused', code: 'not-text', reason: `${found} ${ONLY_TEXT}` };
}

function wrongEncoding(found: string): Decoded {
  return { kind: 'refused', code: 'wrong-encoding', reason: `${found} ${SAVE_AS_UTF8}` };
}
