import { isUtf8 } from 'node:buffer';
import libmime from 'libmime';
import { mendC1 } from '../decode-text.ts';
import { RefusalError } from '../file-kind.ts';
import { decodeEmailText } from './text.ts';
import { type Unpacked, unpackTransfer } from './transfer-encoding.ts';

/** A part of an e-mail (RFC 2045), or an e-mail as a whole. */
export interface MimePart {
  /** Its fields by their names in small letters, unfolded; words in them are still encoded. */
  readonly fields: HeadFields;
  /** In small letters: `text/plain`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** In small letters: `attachment`; empty: it does not say. */
  readonly disposition: string;
  /** Of its file. */
  readonly name: string | null;
  /** What is in it, still in its transfer encoding; of a `multipart`, as its parts. */
  readonly raw: Buffer;
  /** None, unless it is a `multipart`. */
  readonly parts: readonly MimePart[];
  /** The file ends before it does. */
  readonly isCut: boolean;
}

type HeadFields = ReadonlyMap<string, readonly string[]>;

/** More than any e-mail has. */
const MOST_PARTS = 2000;
const DEEPEST = 50;
/** Quoted-printable that ends within an escape, or within a line. */
const CUT_QUOTED = /=[\dA-F]?\r?\n?$/i;

/** The parts of an e-mail. Throws a `RefusalError` if there are too many. */
export function parseEmail(bytes: Buffer): MimePart {
  let count = 0;
  const parse = (block: Buffer, usualType: string, depth: number): MimePart => {
    count += 1;
    if (count > MOST_PARTS || depth > DEEPEST) throw tooManyParts();
    const { fields, raw, isEnded } = splitHead(block);
    const content = contentOf(fields, usualType);
    const isQuoted = firstField(fields, 'content-transfer-encoding').toLowerCase() === 'quoted-printable';
    const isCut =
      (!isEnded && !raw.includes('\n')) || (isQuoted && CUT_QUOTED.test(raw.toString('latin1', raw.length - 4)));
    const leaf: MimePart = { ...content, fields, raw, parts: [], isCut: depth === 0 && isCut };
    if (!leaf.type.startsWith('multipart/')) return leaf;
    const { blocks, isClosed } = splitParts(raw, (leaf.parameters['boundary'] ?? '').trimEnd());
    // Without its boundaries, it is one text.
    if (blocks.length === 0) return { ...leaf, type: 'text/plain', isCut: true };
    const usual = leaf.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    return { ...leaf, parts: blocks.map((part) => parse(part, usual, depth + 1)), isCut: !isClosed };
  };
  return parse(withoutEnvelope(bytes), 'text/plain', 0);
}

function tooManyParts(): RefusalError {
  return new RefusalError(
    'too-complex',
    `It has more than ${MOST_PARTS} parts, or more than ${DEEPEST} in each other.`,
  );
}

/** Byte order mark, empty lines, and the line that mailboxes write above an e-mail. */
const ENVELOPE = /^(?:\xEF\xBB\xBF)?\s*(?:>?From [^\n]*\n)?/;

function withoutEnvelope(bytes: Buffer): Buffer {
  return bytes.subarray(ENVELOPE.exec(bytes.toString('latin1', 0, 4096))?.[0].length);
}

const FIELD = /^[!-9;-~]+[ \t]*:/;

interface HeadAndBody {
  readonly fields: HeadFields;
  readonly raw: Buffer;
  /** By the empty line that belongs there. */
  readonly isEnded: boolean;
}

/** The head ends at an empty line, or before a line that is no field. */
function splitHead(block: Buffer): HeadAndBody {
  let at = 0;
  while (at < block.length) {
    const end = block.indexOf('\n', at);
    const next = end < 0 ? block.length : end + 1;
    const line = block.toString('latin1', at, next);
    const isEnded = /^\r?\n/.test(line);
    const isFolded = at > 0 && /^[ \t]/.test(line);
    if (isEnded || !(isFolded || FIELD.test(line)))
      return { fields: fieldsOf(block.subarray(0, at)), raw: block.subarray(isEnded ? next : at), isEnded };
    at = next;
  }
  return { fields: fieldsOf(block), raw: block.subarray(at), isEnded: false };
}

const CHARSET = /\bcharset\s*=\s*["']?([\w.:-]+)/i;

function fieldsOf(head: Buffer): HeadFields {
  // Words should be encoded; those that are not are UTF-8 (RFC 6532), or else as the text below.
  const charset = isUtf8(head) ? 'utf-8' : (CHARSET.exec(head.toString('latin1'))?.[1] ?? '');
  const text = decodeEmailText(head, charset);
  const fields = new Map<string, string[]>();
  for (const field of text.split(/\r?\n(?![ \t])/)) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).trim().toLowerCase();
    const value = field
      .slice(colon + 1)
      .replaceAll(/\r?\n/g, '')
      .trim();
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

/** What is in a part; null if its transfer encoding is not known. */
export function unpackPart({ fields, raw }: MimePart): Unpacked | null {
  return unpackTransfer(raw, firstField(fields, 'content-transfer-encoding').trim().toLowerCase());
}

/** The text in a part's bytes, with its lines as ours. Unreadable characters come out as U+FFFD. */
export function partText({ parameters }: MimePart, bytes: Buffer): string {
  return decodeEmailText(bytes, parameters['charset'] ?? '').replaceAll(/\r\n?/g, '\n');
}

/** The first field of a name; empty if there is none. */
export function firstField(fields: HeadFields, name: string): string {
  return fields.get(name)?.[0] ?? '';
}

function contentOf(
  fields: HeadFields,
  usualType: string,
): Pick<MimePart, 'type' | 'parameters' | 'disposition' | 'name'> {
  const type = libmime.parseHeaderValue(firstField(fields, 'content-type'), { stripComments: true });
  const disposition = libmime.parseHeaderValue(firstField(fields, 'content-disposition'), { stripComments: true });
  const named = nameIn(disposition, 'filename') || nameIn(type, 'name');
  return {
    type: /^[^\s/]+\/[^\s/]+$/.test(type.value) ? type.value.toLowerCase() : usualType,
    parameters: type.params,
    disposition: disposition.value.toLowerCase(),
    name: named === '' ? null : named,
  };
}

function nameIn({ params, decodedParams }: ReturnType<typeof libmime.parseHeaderValue>, key: string): string {
  const name = params[key] ?? '';
  const decoded = decodedParams.includes(key) ? name : libmime.decodeWords(name);
  return mendC1(decoded)
    .replaceAll('\u{FFFD}', '_')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

const DASH = 0x2d;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** A line like a boundary, though not the one that is named, with something below it. */
const LOST_PARTS = /^--\S[^\n]*\n\s*\S/m;

/**
 * What stands between the lines that are a boundary. What stands before the first, and behind the last, is no content,
 * unless it looks like parts that were meant to be.
 */
function splitParts(
  body: Buffer,
  boundary: string,
): { readonly blocks: readonly Buffer[]; readonly isClosed: boolean } {
  const blocks: Buffer[] = [];
  if (boundary === '') return { blocks, isClosed: false };
  const delimiter = Buffer.from(`--${boundary}`);
  let start: number | null = null;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at > 0 && body[at - 1] !== LINE_FEED) continue;
    let next = at + delimiter.length;
    const isLast = body[next] === DASH && body[next + 1] === DASH;
    if (isLast) next += 2;
    const end = body.indexOf(LINE_FEED, next);
    if (body.toString('latin1', next, end < 0 ? body.length : end).trim() !== '') continue;
    const block = withoutLineEnd(body.subarray(start ?? 0, Math.max(start ?? 0, at)));
    if (start !== null || LOST_PARTS.test(block.toString('latin1'))) blocks.push(block);
    if (blocks.length > MOST_PARTS) throw tooManyParts();
    start = end < 0 ? body.length : end + 1;
    if (isLast) {
      const rest = body.subarray(start);
      return { blocks: LOST_PARTS.test(rest.toString('latin1')) ? [...blocks, rest] : blocks, isClosed: true };
    }
  }
  if (start !== null) blocks.push(body.subarray(start));
  return { blocks, isClosed: false };
}

function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === LINE_FEED) end -= 1;
  if (bytes[end - 1] === RETURN) end -= 1;
  return bytes.subarray(0, end);
}
