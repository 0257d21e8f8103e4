import iconv from 'iconv-lite';
import { decodeStrictly, decodeText, mendC1 } from '../decode-text.ts';
import { RefusalError } from '../file-kind.ts';

/** What stands for unreadable bytes. */
const UNREADABLE = '\u{FFFD}';

/** Labels that say no more than that the bytes are ASCII, or nothing at all. */
const SAYS_NOTHING = /^(?:|(?:us-)?ascii|ansi_x3\.4-.*|7bit|8bit|binary|unknown.*|x-unknown|default|none)$/i;
/** Encodings that use only ASCII bytes: they would pass as ASCII. */
const ALL_ASCII = /^(?:iso-2022|hz|(?:x-|unicode-1-1-)?utf-?7)/i;
/** What `iconv-lite` has beside encodings of text. */
const NO_CHARSET = /^(?:base64|hex|utf-?7-?imap|binary|internal)$/i;

/**
 * Text of an e-mail in the encoding that its part names; if it is not in that, as `decodeText` reads it. Bytes that are
 * still none come out as U+FFFD.
 */
export function decodeEmailText(bytes: Buffer, charset: string): string {
  const label = charset.trim();
  const text = SAYS_NOTHING.test(label) ? null : decodeAs(bytes, label);
  if (text !== null) return text.replace(/^\uFEFF/, '');
  const decoded = ALL_ASCII.test(label) ? null : decodeText(bytes);
  if (decoded?.kind === 'text') return mendC1(decoded.text);
  return (SAYS_NOTHING.test(label) ? latinText(bytes) : null) ?? decodeLoosely(bytes, label);
}

/** Encodings of languages that are written in Latin letters. */
const LATIN = ['windows-1252', 'windows-1250', 'windows-1254'];
/** Letters of another script stand in rows, or apart from Latin ones. */
const OTHER_SCRIPT = /[\xA0-\xFF]{3}|(?<![A-Za-z\xA0-\xFF])[\xA0-\xFF]+(?![A-Za-z\xA0-\xFF])/;

/** Text of which it is certain that it is in Windows-1252, as what it may be else has the same letters: ä, é, ß. Else null. */
function latinText(bytes: Buffer): string | null {
  const text = bytes.toString('latin1');
  if (/[\x80-\x9F]/.test(text) || OTHER_SCRIPT.test(text)) return null;
  return LATIN.every((label) => new TextDecoder(label).decode(bytes) === text) ? text : null;
}

function decodeAs(bytes: Buffer, label: string): string | null {
  const text = decodeStrictly(bytes, label);
  if (text !== null || !isOnlyIconv(label)) return text;
  const decoded = iconv.decode(bytes, label);
  return decoded.includes(UNREADABLE) ? null : mendC1(decoded);
}

/** Whether `TextDecoder` does not know it, and `iconv-lite` does: `cp850`, `utf-7`. */
function isOnlyIconv(label: string): boolean {
  return !isKnown(label) && !NO_CHARSET.test(label) && iconv.encodingExists(label);
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

const C1 = /[\x80-\x84\x86-\x9F]/g;

function decodeLoosely(bytes: Buffer, label: string): string {
  if (isOnlyIconv(label)) return iconv.decode(bytes, label);
  const encoding = isKnown(label) && !SAYS_NOTHING.test(label) ? label : 'utf-8';
  return mendC1(new TextDecoder(encoding).decode(bytes)).replaceAll(C1, UNREADABLE);
}

const UNREADABLES = /\uFFFD+/g;
/** A text with a larger share of them is not worth a question. */
const MOST_UNREADABLE = 0.1;

/** Throws a `RefusalError` for a text of which much is unreadable. */
export function requireReadable(text: string): void {
  let count = 0;
  for (const [run] of text.matchAll(UNREADABLES)) count += run.length;
  if (count > text.length * MOST_UNREADABLE) {
    throw new RefusalError(
      'wrong-encoding',
      'Its text is not in the encoding that it names, or it names none that is known. Open it in a mail program and save it as UTF-8 or as PDF.',
    );
  }
}

/** A line of `format=flowed` (RFC 3676): how deep it is quoted, and its text. */
const QUOTED = /^(>*) ?(.*)$/;
const SIGNATURE = '-- ';

/** The paragraphs of a text whose lines end with a blank where they go on. `delSp`: that blank is none of the text. */
export function unflow(text: string, delSp: boolean): string {
  const lines: string[] = [];
  let openDepth: number | null = null;
  for (const line of text.split('\n')) {
    const [, marks = '', content = ''] = QUOTED.exec(line) ?? [];
    const last = lines.length - 1;
    if (openDepth === marks.length && content !== SIGNATURE) lines[last] += content;
    else lines.push(marks === '' ? content : `${marks} ${content}`);
    openDepth = content.endsWith(' ') && content !== SIGNATURE ? marks.length : null;
    if (openDepth !== null && delSp) lines[lines.length - 1] = lines.at(-1)?.slice(0, -1) ?? '';
  }
  return lines.join('\n');
}
