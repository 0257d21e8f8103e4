import { isUtf8 } from 'node:buffer';
import { declaredEncoding } from '../../content/declared-encoding.ts';
import { decodeStrictly } from '../../content/decode-strictly.ts';
import { decodeUtf32 } from '../../content/decode-utf32.ts';
import { unmarkedUtf16 } from '../../content/unmarked-utf16.ts';

/** Text, or why the bytes are none: a stable word and a sentence. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

const SAVE_AS_UTF8 = 'Save it as UTF-8 and drop it again.';

/** Marks at the start of a file; the longer ones first, as UTF-32 begins like UTF-16. */
const MARKS: readonly { readonly bytes: string; readonly encoding: string }[] = [
  { bytes: '\xFF\xFE\0\0', encoding: 'utf-32le' },
  { bytes: '\0\0\xFE\xFF', encoding: 'utf-32be' },
  { bytes: '\x84\x31\x95\x33', encoding: 'gb18030' },
  { bytes: '\xEF\xBB\xBF', encoding: 'utf-8' },
  { bytes: '\xFF\xFE', encoding: 'utf-16le' },
  { bytes: '\xFE\xFF', encoding: 'utf-16be' },
];

/** The escapes of ISO-2022-JP to its Japanese character sets, and every escape that may be in it. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const TO_JAPANESE = /\x1B\$[@B]/;
// oxlint-disable-next-line no-control-regex -- as above
const OTHER_ESCAPE = /\x1B(?!\$[@B]|\([BJI])/;
const ESCAPE = 0x1b;

/** Encodings that are not read, and whose bytes are ASCII that means something else: it would pass as UTF-8. */
const OTHER_ASCII = /^(?:(?:x-|unicode-1-1-)?utf-?7|hz|iso-2022-(?:kr|cn))/i;

/**
 * The text of bytes whose encoding is certain: what a byte order mark says, UTF-8, UTF-16 that can be nothing else, what
 * the text itself declares (XML, HTML, CSS, coding lines) and then holds without a fault, ISO-2022-JP by its escapes.
 * Nothing else is guessed. The mark is not part of the text.
 */
export function decodeText(bytes: Buffer): Decoded {
  const start = bytes.toString('latin1', 0, 4);
  const mark = MARKS.find((candidate) => start.startsWith(candidate.bytes));
  if (mark !== undefined) return marked(bytes.subarray(mark.bytes.length), mark.encoding);
  if (bytes.includes(0)) return zeroed(bytes);
  if (!isUtf8(bytes)) return declared(bytes);
  const encoding = declaredEncoding(bytes);
  if (encoding !== null && OTHER_ASCII.test(encoding)) return declared(bytes);
  const text = bytes.toString('utf8');
  return plain(bytes.includes(ESCAPE) ? japanese(bytes, text) : text);
}

function marked(bytes: Buffer, encoding: string): Decoded {
  const text = encoding.startsWith('utf-32') ? decodeUtf32(bytes, encoding) : decodeStrictly(bytes, encoding);
  const name = encoding.replace(/[lb]e$/, '').toUpperCase();
  return text === null ? wrongEncoding(`It begins like ${name} but is not valid ${name}.`) : plain(text);
}

function zeroed(bytes: Buffer): Decoded {
  const text = unmarkedUtf16(bytes);
  return text === null ? notText('It is binary: it has zero bytes.') : { kind: 'text', text };
}

function declared(bytes: Buffer): Decoded {
  const encoding = declaredEncoding(bytes);
  if (encoding === null) return wrongEncoding('It is not valid UTF-8, and does not say what else it is.');
  const text = /^utf-?(?:16|32)/i.test(encoding) ? null : decodeStrictly(bytes, encoding);
  return text === null
    ? wrongEncoding(`It says that its encoding is ${encoding}, and cannot be read as that.`)
    : plain(text);
}

function japanese(bytes: Buffer, text: string): string {
  if (!TO_JAPANESE.test(text) || OTHER_ESCAPE.test(text)) return text;
  return decodeStrictly(bytes, 'iso-2022-jp') ?? text;
}

/** Control characters that no text file needs; tab, line ends, form feed and escape (colours in logs) are well. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x07\x0B\x0E-\x1A\x1C-\x1F]/g;
/** A stray one is forgiven; this share of a file is not. */
const MOST_CONTROLS = 0.01;

function plain(text: string): Decoded {
  return isFullOfControls(text) ? notText('It is binary: it is full of control characters.') : { kind: 'text', text };
}

/** One by one: a list of all would be larger than the text. */
function isFullOfControls(text: string): boolean {
  const most = text.length * MOST_CONTROLS;
  const controls = text.matchAll(CONTROLS);
  for (let found = 0; found <= most; found++) if (controls.next().done === true) return false;
  return true;
}

function notText(found: string): Decoded {
  return { kind: 'refused', code: 'not-text', reason: `${found} Save it as text or as PDF, and drop it again.` };
}

function wrongEncoding(found: string): Decoded {
  return { kind: 'refused', code: 'wrong-encoding', reason: `${found} ${SAVE_AS_UTF8}` };
}
