import type { Section } from '../reading.ts';
import { attribute, childElements, isElement, type XmlElement, type XmlNode } from '../xml.ts';
import type { OdfStyles } from './styles.ts';
import type { OdfText } from './text.ts';

/** What programs put in for themselves when they print. */
const FIELDS = new Set(
  'page-number page-count page-continuation sheet-name file-name title date time print-date print-time creation-date modification-date'.split(
    ' ',
  ),
);

export interface Margins {
  readonly headers: readonly string[];
  readonly footers: readonly string[];
}

/** The headers and footers of pages, each text once. One that has nothing but fields says nothing about the document. */
export function marginsOf(pages: readonly XmlElement[], text: OdfText): Margins {
  const linesOf = (kind: 'header' | 'footer'): readonly string[] => {
    const margins = pages.flatMap((page) => childElements(page)).filter((margin) => isShown(margin, kind));
    const texts = margins.map((margin) => blocksOf(margin, text).join('\n'));
    return [...new Set(texts)]
      .filter((line) => line !== '')
      .map((line) => `${kind === 'header' ? 'Header' : 'Footer'}: ${line}`);
  };
  return { headers: linesOf('header'), footers: linesOf('footer') };
}

/** Those of the pages that sheets are printed on. */
export function sheetMargins(
  spreadsheet: XmlElement,
  pages: ReadonlyMap<string, XmlElement>,
  styles: OdfStyles,
  text: OdfText,
): readonly Section[] {
  const names = childElements(spreadsheet, 'table').map(
    (table) => styles.pageOfTable(attribute(table, 'style-name') ?? '') ?? 'Default',
  );
  const used = [...new Set(names)].flatMap((name) => pages.get(name) ?? []);
  const { headers, footers } = marginsOf(used, text);
  // As headings: each new spreadsheet has a footer already, and with nothing else there is nothing to ask about.
  return [...headers, ...footers].map((line) => ({ heading: line, text: '' }));
}

function isShown(margin: XmlElement, kind: 'header' | 'footer'): boolean {
  return margin.name.startsWith(kind) && attribute(margin, 'display') !== 'false';
}

/** Paragraphs, also those in the left, middle and right part of what is printed with sheets. */
function blocksOf(margin: XmlElement, text: OdfText): readonly string[] {
  return childElements(margin)
    .flatMap((element) => (element.name.startsWith('region-') ? childElements(element) : [element]))
    .filter((element) => !isOnlyFields(element))
    .flatMap((element) => text.block(element))
    .filter((block) => block.trim() !== '');
}

function isOnlyFields(node: XmlNode): boolean {
  if (!isElement(node)) return !/[\p{L}\p{N}]/u.test(node);
  return FIELDS.has(node.name) || (node.name !== 'frame' && node.children.every(isOnlyFields));
}
