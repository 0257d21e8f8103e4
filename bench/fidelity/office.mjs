import { relationsOf } from './archive.mjs';
import { markupText } from './pages.mjs';
import { workbookTexts } from './workbook.mjs';
import { attributeOf, xmlText } from './xml-text.mjs';

const BREAKS = new Set(
  'p tab br cr ptab tc tr txbxContent noBreakHyphen rt rubyBase oMath footnoteReference endnoteReference commentReference pt'.split(
    ' ',
  ),
);
/** What was deleted or moved away, and what older programs show in the place of something newer. */
const SKIPPED = new Set(['Fallback', 'del', 'moveFrom', 'delText', 'instrText']);

/** Parts that have text of the document, and how it is marked in them. */
const TEXTS = {
  footnotes: new Set(['t']),
  endnotes: new Set(['t']),
  comments: new Set(['t', 'text']),
  header: new Set(['t']),
  footer: new Set(['t']),
  slide: new Set(['t']),
  notesSlide: new Set(['t']),
  diagramData: new Set(['t']),
  chart: new Set(['t', 'v']),
  chartUserShapes: new Set(['t']),
};
/** A part of such a type belongs to the one that names it; one of another type must be used there by its id. */
const IMPLIED = new Set(['footnotes', 'endnotes', 'comments', 'notesSlide', 'chartUserShapes']);
/** Their words need not be there as often as they stand in the file: series repeat their labels, headers repeat each other. */
const ONCE = new Set(['chart', 'header', 'footer', 'diagramData']);

function isSkipped(name, attributes) {
  return SKIPPED.has(name) || (name === 'fld' && /slidenum/i.test(attributeOf(attributes, 'type') ?? ''));
}

/** What a template puts on slides: their words stand once, however many slides there are. */
const REPEATED = /<p:sp\b(?:(?!<\/p:sp>)[^])*?<p:ph\b[^>]*type="(?:dt|ftr|hdr)"[^]*?<\/p:sp>/g;

function partText(xml, texts) {
  return xmlText(xml, { texts, skipped: isSkipped, breaks: (name) => BREAKS.has(name) });
}

/** What stands in a Word document, presentation or workbook, by its main part; null if it is none of them. */
export function officeTexts(archive) {
  const main = relationsOf(archive, '').find(({ type }) => type === 'officeDocument')?.path;
  const path = [main, 'word/document.xml', 'ppt/presentation.xml', 'xl/workbook.xml'].find(
    (candidate) => candidate !== undefined && archive.has(candidate),
  );
  if (path === undefined) return null;
  const xml = archive.text(path);
  const [, root] = /<(?:[\w.-]+:)?(document|presentation|workbook)[\s>]/.exec(xml) ?? [];
  switch (root) {
    case 'document':
      return { format: 'docx', ...below(archive, path, xml, [partText(xml, new Set(['t']))]) };
    case 'presentation':
      return { format: 'pptx', ...below(archive, path, xml) };
    case 'workbook': {
      const { sheets, drawings } = workbookTexts(archive, path, xml);
      const pieces = drawings.map((drawing) => below(archive, drawing, archive.text(drawing)));
      return {
        format: 'xlsx',
        texts: [...sheets, ...pieces.flatMap(({ texts }) => texts)],
        once: [
          ...drawings.map((drawing) => partText(archive.text(drawing), new Set(['t']))),
          ...pieces.flatMap(({ once }) => once),
        ],
      };
    }
    default:
      return null;
  }
}

/** The texts of all parts that a part leads to. */
function below(archive, start, startXml, first = []) {
  const texts = [...first];
  const once = [];
  const seen = new Set([start]);
  const follow = (path, xml) => {
    for (const { id, type, path: target } of relationsOf(archive, path)) {
      if (seen.has(target) || !(IMPLIED.has(type) || xml.includes(`"${id}"`))) continue;
      seen.add(target);
      const part = archive.text(target);
      if (part === null) continue;
      if (type === 'aFChunk' && /\.x?html?$/i.test(target)) texts.push(markupText(part));
      if (!Object.hasOwn(TEXTS, type)) continue;
      const own = part.replaceAll(REPEATED, (shape) => {
        once.push(partText(shape, TEXTS[type]));
        return '';
      });
      (ONCE.has(type) ? once : texts).push(partText(own, TEXTS[type]));
      follow(target, part);
    }
  };
  follow(start, startXml);
  return { texts, once };
}
