import { parseHtml } from '../html/page.ts';
import { isOutside } from '../line.ts';
import { attribute, isElement, type XmlElement, type XmlNode } from '../xml.ts';
import { type MimePart, partText, unpackPart } from './mime.ts';

/** What of an e-mail is its text, part after part, and what is attached to it. */
interface EmailBody {
  readonly texts: readonly MimePart[];
  readonly attachments: readonly MimePart[];
}

/** Signatures, and other forms of a text that is there. */
const SKIPPED = /^(?:application\/(?:pgp-signature|(?:x-)?pkcs7-signature)|text\/(?:x-amp|watch)-html)$/;
/** In these, a text with a name is a file. */
const WITH_FILES = /^multipart\/(?!alternative$)/;

/** `parent`: the type of the part that it is in. */
export function emailBody(part: MimePart, parent = ''): EmailBody {
  const { type } = part;
  if (type === 'multipart/encrypted') return { texts: [], attachments: [part] };
  if (type === 'multipart/alternative') return bestOf(part.parts.map((option) => emailBody(option, type)));
  if (part.parts.length > 0) {
    const bodies = part.parts.map((each, index) =>
      // The first part is the text; the others are what it shows.
      emailBody(each, type === 'multipart/related' && index === 0 ? parent : type),
    );
    return { texts: bodies.flatMap(({ texts }) => texts), attachments: attachmentsOf(bodies) };
  }
  if (SKIPPED.test(type)) return { texts: [], attachments: [] };
  const isFile = part.disposition === 'attachment' || (part.name !== null && WITH_FILES.test(parent));
  if ((type === 'text/plain' || type === 'text/html') && !isFile) return { texts: [part], attachments: [] };
  return { texts: [], attachments: [part] };
}

function attachmentsOf(bodies: readonly EmailBody[]): readonly MimePart[] {
  return bodies.flatMap(({ attachments }) => attachments);
}

/** The plain text if it has every word that the HTML shows: else it is only a hint, or less than was written. */
function bestOf(options: readonly EmailBody[]): EmailBody {
  const html = options.findLast(({ texts }) => texts.some(({ type }) => type === 'text/html'));
  const plain = options.find((option) => option !== html && option.texts.length > 0);
  const texts = (plain === undefined || (html !== undefined && lacksWords(plain, html)) ? html : plain)?.texts ?? [];
  return { texts, attachments: attachmentsOf(options) };
}

const WORD = /[\p{L}\p{N}]+/gu;
/** A plain text has a letter where such a font shows a sign. */
const SYMBOL_FONT = /(?:font-family\s*:|face\s*=)\s*["']?\s*(?:wing|web)dings/i;

function lacksWords(plain: EmailBody, html: EmailBody): boolean {
  const known = new Set(plain.texts.flatMap((part) => textIn(part).match(WORD) ?? []));
  return html.texts.some((part) => {
    const text = textIn(part);
    if (part.type === 'text/html' && SYMBOL_FONT.test(text)) return true;
    const shown = part.type === 'text/html' ? shownText(parseHtml(text)) : text;
    for (const [word] of shown.matchAll(WORD)) if (!known.has(word)) return true;
    return false;
  });
}

function textIn(part: MimePart): string {
  const unpacked = unpackPart(part);
  return unpacked === null ? '' : partText(part, unpacked.bytes);
}

/** Elements without text that anybody sees. */
const UNSEEN = new Set(['script', 'style', 'title', 'template', 'head']);
/** Within a line: they part no words. */
const WITHIN_LINES = new Set(['a', 'b', 'i', 'u', 'em', 'strong', 'span', 'font', 'small', 'big', 'wbr']);

function shownText(nodes: readonly XmlNode[]): string {
  const texts = nodes.map((node) => {
    if (!isElement(node)) return node;
    if (UNSEEN.has(node.name)) return '';
    const text = shownText(node.children) + addressOf(node);
    return WITHIN_LINES.has(node.name) ? text : ` ${text} `;
  });
  return texts.join('');
}

/** Where a link leads, which a plain text may leave out. */
function addressOf(element: XmlElement): string {
  const address = element.name === 'a' ? (attribute(element, 'href') ?? '') : '';
  return isOutside(address) ? ` ${address} ` : '';
}
