import iconv from 'iconv-lite';
import { decodeStrictly, decodeText, mendC1 } from './decode-text.ts';
import { RefusalError } from './file-kind.ts';

/** What stands for bytes that nobody can read. */
const UNREADABLE = '\u{FFFD}';

/** Labels that say no more than that the bytes are ASCII, or nothing at all. */
const SAYS_NOTHING = /^(?:|(?:us-)?ascii|ansi_x3\.4-.*|7bit|8bit|binary|unknown.*|x-unknown|default|none)$/i;
/** Encodings whose bytes are all ASCII: they would pass as it. */
const ALL_ASCII = /^(?:iso-2022|hz|(?:x-|unicode-1-1-)?utf-?7)/i;
/** Encodings that `iconv-lite` has beside those of texts. */
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
  return decoded?.kind === 'text' ? mendC1(decoded.text) : decodeLoosely(bytes, label);
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
