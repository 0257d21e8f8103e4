import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** Text, or why the bytes are none: a stable word and a sentence. */
type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** Byte order marks, which a file may begin with. */
const MARKS: readonly { readonly bytes: string; readonly encoding: string }[] = [
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

/** Encodings that are not read, but whose bytes are ASCII that means something else: they would pass as UTF-8. */
const OTHER_ASCII = /^(?:(?:x-|unicode-1-1-)?utf-?7|hz|iso-2022-(?:kr|cn))/i;

/**
 * The text of bytes whose encoding is certain: what a byte order mark says, UTF-8, UTF-16 that can be nothing else,
 * what the text itself declares (XML, HTML, CSS, coding lines) and then holds without a fault, ISO-2022-JP by its
 * escapes. Nothing else is guessed. The mark is not part of the text.
 */
export function decodeText(bytes: Buffer): Decoded {
  const start = bytes.toString('latin1', 0, 3);
  const mark = MARKS.find((candidate) => start.startsWith(candidate.bytes));
  if (mark !== undefined) return marked(bytes.subarray(mark.bytes.length), mark.encoding);
  if (bytes.includes(0)) {
    const text = unmarkedUtf16(bytes);
    return text === null ? notText('It is binary: it has zero bytes.') : { kind: 'text', text };
  }
  if (!isUtf8(bytes) || OTHER_ASCII.test(declaredEncoding(bytes) ?? '')) return declared(bytes);
  const text = bytes.toString('utf8');
  return plain(bytes.includes(ESCAPE) ? japanese(bytes, text) : text);
}

function marked(bytes: Buffer, encoding: string): Decoded {
  const text = decodeStrictly(bytes, encoding);
  const name = encoding.replace(/[lb]e$/, '').toUpperCase();
  return text === null ? wrongEncoding(`It begins like ${name} but is not valid ${name}.`) : plain(text);
}

function declared(bytes: Buffer): Decoded {
  const encoding = declaredEncoding(bytes);
  if (encoding === null) return wrongEncoding('It is not valid UTF-8, and does not say what else it is.');
  const text = /^utf-?16/i.test(encoding) ? null : decodeStrictly(bytes, encoding);
  return text === null
    ? wrongEncoding(`It says that its encoding is ${encoding}, and cannot be read as that.`)
    : plain(text);
}

function japanese(bytes: Buffer, text: string): string {
  if (!TO_JAPANESE.test(text) || OTHER_ESCAPE.test(text)) return text;
  return decodeStrictly(bytes, 'iso-2022-jp') ?? text;
}

/** Control characters that no text file needs; it may need tab, line ends, form feed and escape (colours in logs). */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x07\x0B\x0E-\x1A\x1C-\x1F]/g;
/** A file of which more than this share are such characters is binary. */
const MOST_CONTROLS = 0.01;

function plain(text: string): Decoded {
  return isFullOfControls(text) ? notText('It is binary: it is full of control characters.') : { kind: 'text', text };
}

/** Looks for them one by one: a list of all would be larger than the text. */
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
  return { kind: 'refused', code: 'wrong-encoding', reason: `${found} Save it as UTF-8 and drop it again.` };
}

/** A declaration must stand in the first so many bytes, as for browsers. */
const HEAD_BYTES = 1024;

const DECLARATIONS: readonly RegExp[] = [
  /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/,
  /^\s*<[^]*?<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i,
  /^\s*<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i,
  /^@charset "([\w.:-]+)";/,
  // PEP 263, and Emacs: a comment in one of the first two lines.
  /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)/,
  /^(?:[^\n]*\n)?[^\n]*?-\*-[^\n]*?\bcoding:[ \t]*([-\w.]+)/,
];

/** The encoding that a text declares in ASCII, as `TextDecoder` names it; null if it declares none. */
function declaredEncoding(bytes: Buffer): string | null {
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  // All declarations have one of these words; nearly all texts have none, and are searched once, not six times.
  if (!/coding|charset/i.test(head)) return null;
  for (const declaration of DECLARATIONS) {
    const label = declaration.exec(head)?.[1];
    // Python's and Emacs's names.
    if (label !== undefined) return label.replace(/^(?:iso-)?latin-(?=\d)/i, 'latin');
  }
  return null;
}

/**
 * Text in an encoding that is named as the WHATWG names it; null if the encoding is not known, or a byte is none of
 * it. Byte order marks are not looked for.
 */
export function decodeStrictly(bytes: Buffer, encoding: string): string | null {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes);
    return decoder.encoding === 'windows-1252' ? refuseC1(mendC1(text)) : refuseC1(text);
  } catch {
    return null;
  }
}

/** What the bytes 0x80 to 0x9F mean in Windows-1252; those that mean nothing are left blank. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
const FIRST_C1 = 0x80;
const C1 = /[\x80-\x84\x86-\x9F]/;
const C1_OR_NEXT_LINE = /[\x80-\x9F]/g;

/** Text in Windows-1252 that was read as ISO-8859-1, as Node 20 does: those control characters that it has no use for. */
export function mendC1(text: string): string {
  return text.replace(
    C1_OR_NEXT_LINE,
    (character) => WINDOWS_1252[character.charCodeAt(0) - FIRST_C1]?.trim() || character,
  );
}

/** ICU passes bytes on that an encoding has no character for, as control characters that no text has. */
function refuseC1(text: string): string | null {
  return C1.test(text) ? null : text;
}

/** Fewer bytes tell nothing. */
const FEWEST_BYTES = 8;
/** Of its characters, this share must be of the first 256. */
const LEAST_SHARE = 0.5;
/** Characters that no text has: other controls than tab, line ends and form feed, unassigned ones, private ones. */
const SUSPECT = /(?![\t\n\f\r])[\p{Cc}\p{Cn}\p{Co}\p{Cs}]/u;

/**
 * The text of UTF-16 without a byte order mark, if it can be nothing else: zero bytes all on one side of the pairs,
 * in at least half of them, and not one character that no text has. Null otherwise.
 */
function unmarkedUtf16(bytes: Buffer): string | null {
  if (bytes.length < FEWEST_BYTES || bytes.length % 2 !== 0) return null;
  /** The place of the zero bytes in their pairs. */
  const side = bytes.indexOf(0) % 2;
  let zeros = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    if (at % 2 !== side) return null;
    zeros += 1;
  }
  if (zeros < (bytes.length / 2) * LEAST_SHARE) return null;
  const text = decodeStrictly(bytes, side === 1 ? 'utf-16le' : 'utf-16be');
  return text === null || SUSPECT.test(text) ? null : text;
}
