import { posix } from 'node:path';
import { attributeOf, visitXml, xmlText } from './xml-text.mjs';

const INLINE = new Set(
  'span a bookmark bookmark-start bookmark-end reference-mark reference-mark-start reference-mark-end soft-page-break meta change change-start change-end alphabetical-index-mark toc-mark'.split(
    ' ',
  ),
);
/** What was deleted, what programs keep, and who wrote a comment when. */
const SKIPPED = new Set(
  'tracked-changes forms settings sequence-decls variable-decls user-field-decls content-validations named-expressions database-ranges data-pilot-tables event-listeners binary-data note-citation creator creator-initials date initials table-of-content-source illustration-index-source table-index-source object-index-source user-index-source alphabetical-index-source bibliography-source page-number page-count header-decl footer-decl date-time-decl scripts annotation-end'.split(
    ' ',
  ),
);
const HEADERS =
  /<style:(header|footer|header-left|footer-left|header-first|footer-first)\b[^>]*[^/]>[^]*?<\/style:\1>/g;
/** Beside a formula's signs stands how it is written. */
const OBJECT_SKIPPED = new Set([...SKIPPED, 'annotation']);
const RULES = { skipped: SKIPPED, breaks: (name) => !INLINE.has(name) };

/** What stands in a text, spreadsheet or presentation of OpenDocument; null if it has no content. */
export function openDocumentTexts(archive) {
  const xml = archive.text('content.xml');
  const [, body = '', kind = 'text'] =
    /<office:body\b[^>]*>(\s*<office:(\w+)[^]*)<\/office:body>/.exec(xml ?? '') ?? [];
  if (xml === null) return null;
  const format = { spreadsheet: 'ods', presentation: 'odp' }[kind] ?? 'odt';
  const headers =
    format === 'odt' ? [...(archive.text('styles.xml') ?? '').matchAll(HEADERS)].map(([header]) => header) : [];
  const objects = [...body.matchAll(/<draw:object\b[^>]*>/g)].map(([object]) => {
    const content = archive.text(posix.join(attributeOf(object, 'href') ?? '', 'content.xml')) ?? '';
    return xmlText(/<office:body\b[^]*<\/office:body>/.exec(content)?.[0] ?? content, {
      ...RULES,
      skipped: OBJECT_SKIPPED,
    });
  });
  return {
    format,
    texts: [format === 'ods' ? cellTexts(body) : xmlText(body, RULES)],
    once: [...headers.map((header) => xmlText(header, RULES)), ...objects],
  };
}

/** Of numbers and dates, their values; of other cells, their text. */
function cellTexts(body) {
  const values = [];
  visitXml(body, {
    open: (name, attributes) => {
      if (name === 'table-cell')
        values.push(attributeOf(attributes, 'date-value') ?? attributeOf(attributes, 'value') ?? '');
    },
  });
  const texts = xmlText(body, {
    ...RULES,
    skipped: (name, attributes) => SKIPPED.has(name) || hasValue(name, attributes),
  });
  return `${texts} ${values.join(' ')}`;
}

function hasValue(name, attributes) {
  return name === 'table-cell' && /\s(?:\w+:)?(?:date-)?value\s*=/.test(attributes);
}
