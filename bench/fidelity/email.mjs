import { markupText } from './pages.mjs';

/** A plain text that has less than this share of the page's words only says that there is a page. */
const MUCH_SHORTER = 0.5;

/**
 * What stands in a mail: its subject, its text, and what is attached.
 *
 * @param textsOf what stands in an attached file, by its name and bytes; null if nobody knows
 */
export function emailTexts(bytes, textsOf) {
  const found = { format: 'eml', texts: [], once: [], either: [] };
  readPart(bytes.toString('latin1').replace(/^(?:\xEF\xBB\xBF)?(?:\r?\n)*/, ''), found, textsOf);
  return found;
}

function readPart(source, found, textsOf) {
  const { fields, body } = split(source);
  const type = (fields.get('content-type') ?? 'text/plain').split(';')[0].trim().toLowerCase();
  if (fields.has('subject')) found.texts.push(decodeField(fields.get('subject')));
  if (type.startsWith('multipart/')) {
    const parts = partsOf(body, parameter(fields.get('content-type'), 'boundary'));
    if (type === 'multipart/alternative') found.either.push(alternatives(parts, textsOf));
    else for (const part of parts) readPart(part, found, textsOf);
    return;
  }
  const content = decodeBody(body, fields.get('content-transfer-encoding'));
  if (type === 'message/rfc822') return readPart(content.toString('latin1'), found, textsOf);
  const name = decodeField(
    parameter(fields.get('content-disposition'), 'filename') ?? parameter(fields.get('content-type'), 'name') ?? '',
  );
  const isAttached = /^\s*attachment/i.test(fields.get('content-disposition') ?? '') || name !== '';
  if (!isAttached && type.startsWith('text/')) {
    const text = decodeText(content, parameter(fields.get('content-type'), 'charset'));
    found.texts.push(type === 'text/html' ? markupText(text) : text);
    return;
  }
  const attached = textsOf(name, content);
  if (attached === null) return;
  found.texts.push(...attached.texts);
  found.once.push(...attached.once);
  found.either.push(...(attached.either ?? []));
}

/** The same text in several ways: the model gets one of them, and not one that leaves most of it out. */
function alternatives(parts, textsOf) {
  const choices = parts.map((part) => {
    const own = { texts: [], once: [], either: [] };
    readPart(part, own, textsOf);
    return [...own.texts, ...own.either.flatMap(([first = []]) => first)];
  });
  const lengths = choices.map((texts) => texts.join(' ').split(/\s+/).length);
  const longest = Math.max(...lengths);
  return choices.filter((_, index) => lengths[index] >= longest * MUCH_SHORTER);
}

function split(source) {
  const [, head, body] = /^([^]*?\r?\n)\r?\n([^]*)$/.exec(source) ?? ['', source, ''];
  const fields = new Map();
  for (const [, name, value] of head.replaceAll(/\r?\n[ \t]+/g, ' ').matchAll(/^([!-9;-~]+)[ \t]*:[ \t]*(.*?)\r?$/gm))
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value);
  return { fields, body };
}

function parameter(field, name) {
  const [, quoted, bare] = new RegExp(`;\\s*${name}\\*?\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(field ?? '') ?? [];
  return quoted ?? bare;
}

function partsOf(body, boundary) {
  const pieces = `\n${body}`.split(
    new RegExp(`\\r?\\n--${RegExp.escape?.(boundary) ?? boundary.replaceAll(/\W/g, '\\$&')}`),
  );
  return pieces.slice(1).flatMap((piece) => (piece.startsWith('--') ? [] : piece.replace(/^[^\n]*\n/, '')));
}

function decodeBody(body, encoding = '7bit') {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64');
  return /quoted-printable/i.test(encoding) ? fromQuotedPrintable(body) : Buffer.from(body, 'latin1');
}

function fromQuotedPrintable(text) {
  const joined = text.replaceAll(/[ \t]*=[ \t]*\r?\n/g, '');
  return Buffer.from(
    joined.replaceAll(/=([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** What is valid UTF-8 is UTF-8, whatever it says; but some charsets are written in ASCII. */
function decodeText(bytes, charset = 'utf-8') {
  const label = /^(?:us-ascii|utf-?8)$/i.test(charset) ? 'windows-1252' : charset;
  const labels = /^(?:iso-2022|hz|utf-?16)/i.test(charset) ? [label] : ['utf-8', label];
  for (const encoding of labels) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next one.
    }
  }
  return bytes.toString('latin1');
}

/** RFC 2047. */
function decodeField(value) {
  const joined = decodeText(Buffer.from(value, 'latin1')).replaceAll(/\?=\s+=\?/g, '?==?');
  return joined.replaceAll(/=\?([^?*]+)[^?]*\?([bq])\?([^?]*)\?=/gi, (_, charset, encoding, text) =>
    decodeText(
      /b/i.test(encoding) ? Buffer.from(text, 'base64') : fromQuotedPrintable(text.replaceAll('_', ' ')),
      charset,
    ),
  );
}
