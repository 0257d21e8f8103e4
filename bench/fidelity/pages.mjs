import { posix } from 'node:path';
import { attributeOf, visitXml, xmlText } from './xml-text.mjs';

const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
const UNSEEN = new Set(['head', 'script', 'style', 'template', 'annotation', 'annotation-xml', 'metadata']);

/** What stands in a page of HTML or XHTML, or in an SVG. */
export function markupText(html) {
  const lower = html.replaceAll(/<(\/?)([A-Z][\w:]*)/g, (_, slash, name) => `<${slash}${name.toLowerCase()}`);
  // What is in a script is no markup, and may hold a `<`.
  const pages = lower.replaceAll(/<(script|style)\b(?:[^>]*[^>/])?>[^]*?<\/\1\s*>/g, ' ');
  return xmlText(pages, { skipped: isUnseen, breaks: (name) => !INLINE.has(name) });
}

function isUnseen(name, attributes) {
  return UNSEEN.has(name) || /\shidden(?:[\s=/]|$)/.test(attributes);
}

/** The pages of a book that its spine names. */
export function bookTexts(archive) {
  const [, path = ''] = /full-path\s*=\s*["']([^"']+)/.exec(archive.text('META-INF/container.xml') ?? '') ?? [];
  const pages = new Map();
  const order = [];
  visitXml(archive.text(path) ?? '', {
    open: (name, attributes) => {
      if (name === 'item') pages.set(attributeOf(attributes, 'id'), attributeOf(attributes, 'href') ?? '');
      if (name === 'itemref') order.push(attributeOf(attributes, 'idref'));
    },
  });
  const places = order.flatMap((id) => {
    const [file] = (pages.get(id) ?? '').split('#');
    return file === '' ? [] : posix.join(posix.dirname(path), decodeURIComponent(file));
  });
  const texts = [...new Set(places)].map((place) => (archive.has(place) ? markupText(archive.text(place)) : ''));
  return { format: 'epub', texts, once: [] };
}
