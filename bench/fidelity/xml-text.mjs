// Reads XML and HTML apart from the program, which it checks: tags, text, and nothing else.
import { Parser } from 'htmlparser2';

const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<![^>[]*(?:\[[^\]]*\]\s*)?>|<(\/?)([^\s/>]+)([^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*)>|([^<]+)/g;

const NAMED = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The characters that entities of XML mean; the names of HTML are known too. */
function decodeEntities(text) {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? htmlEntity(whole);
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}

function htmlEntity(entity) {
  let decoded = '';
  new Parser({ ontext: (text) => (decoded += text) }).end(entity);
  return decoded;
}

/** The text of bytes in the encoding that they say, or UTF-8. */
export function decodeXml(bytes) {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const mark = head.startsWith('\xFF\xFE') ? 'utf-16le' : head.startsWith('\xFE\xFF') ? 'utf-16be' : null;
  const declared = /^[^>]*?encoding\s*=\s*["']([\w.:-]+)/.exec(head)?.[1];
  const encoding = mark ?? (declared === undefined || /^utf-?16/i.test(declared) ? 'utf-8' : declared);
  return new TextDecoder(encoding).decode(bytes);
}

export function attributeOf(attributes, name) {
  const [, double, single] = new RegExp(`(?:^|[\\s:])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes) ?? [];
  const value = double ?? single;
  return value === undefined ? undefined : decodeEntities(value);
}

/** Calls back for each tag (name without its prefix) and each text. */
export function visitXml(xml, { open = () => {}, close = () => {}, text = () => {} }) {
  for (const [whole, cdata, slash, name, attributes, piece] of xml.matchAll(TOKEN)) {
    if (piece !== undefined) text(decodeEntities(piece));
    else if (cdata !== undefined) text(cdata);
    else if (name !== undefined) {
      const local = name.slice(name.indexOf(':') + 1);
      if (slash === '/') close(local);
      else {
        open(local, attributes);
        if (whole.endsWith('/>')) close(local);
      }
    }
  }
}

/**
 * The text of XML.
 *
 * @param texts elements whose text counts; undefined: all
 * @param skipped elements of which nothing counts: a set of names, or a function of name and attributes
 * @param breaks whether an element ends a word
 */
export function xmlText(xml, { texts, skipped = () => false, breaks = () => true }) {
  const isSkipped = skipped instanceof Set ? (name) => skipped.has(name) : skipped;
  const found = [];
  const within = [];
  let skippedBelow = 0;
  visitXml(xml, {
    open: (name, attributes) => {
      within.push(name);
      if (skippedBelow === 0 && isSkipped(name, attributes)) skippedBelow = within.length;
      if (skippedBelow === 0 && breaks(name)) found.push(' ');
    },
    close: (name) => {
      const at = within.lastIndexOf(name);
      if (at < 0) return;
      within.length = at;
      if (skippedBelow === 0 && breaks(name)) found.push(' ');
      if (skippedBelow > at) skippedBelow = 0;
    },
    text: (text) => {
      if (skippedBelow === 0 && (texts === undefined || texts.has(within.at(-1)))) found.push(text);
    },
  });
  return found.join('');
}
