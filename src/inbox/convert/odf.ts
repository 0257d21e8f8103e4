import type { Element, Node } from '@xmldom/xmldom';
import { RefusalError } from './file-kind.ts';
import { markdownTable, sheetText } from './tables.ts';
import { attribute, childElements, elementsNamed, isElement, requireXml } from './xml.ts';
import type { ArchiveTexts } from './zip.ts';

/** What is no text of the document: comments, what was deleted, what programs keep. */
const LEFT_OUT = new Set(['annotation', 'tracked-changes', 'forms', 'settings', 'sequence-decls', 'variable-decls']);

/** An OpenDocument text, presentation or spreadsheet as Markdown: headings, lists, tables, slides with their notes. */
export function odfText(texts: ArchiveTexts): string {
  const [body] = elementsNamed(requireXml(texts, 'content.xml'), 'body');
  const [content] = body === undefined ? [] : childElements(body);
  if (content === undefined) return '';
  if (content.localName === 'spreadsheet') return odfSheets(content);
  return blocksOf(content).join('\n\n');
}

function blocksOf(parent: Element): readonly string[] {
  return childElements(parent)
    .flatMap(blockOf)
    .filter((block) => block.trim() !== '');
}

function blockOf(element: Element): readonly string[] {
  const name = element.localName ?? '';
  if (LEFT_OUT.has(name)) return [];
  switch (name) {
    case 'h':
      // Markdown has six levels.
      return [`${'#'.repeat(Math.min(6, countOf(element, 'outline-level')))} ${inlineText(element)}`];
    case 'p':
      return [inlineText(element)];
    case 'list':
      return [listLines(element, '').join('\n')];
    case 'table':
      return [markdownTable(elementsNamed(element, 'table-row').map(rowTexts))];
    case 'page':
      return [`## ${attribute(element, 'name') ?? 'Slide'}`, ...blocksOf(element)];
    case 'notes':
      return blocksOf(element).map((block) => `Notes: ${block}`);
    default:
      return blocksOf(element);
  }
}

function rowTexts(row: Element): readonly string[] {
  return childElements(row, 'table-cell').map((cell) => blocksOf(cell).join('\n'));
}

function listLines(list: Element, indent: string): readonly string[] {
  return childElements(list).flatMap((item) => {
    let mark = '- ';
    return childElements(item).flatMap((element) => {
      if (element.localName === 'list') return listLines(element, `${indent}  `);
      const line = `${indent}${mark}${blockOf(element).join(' ')}`;
      mark = '  ';
      return line;
    });
  });
}

/** Text in a paragraph, with the spaces, tabs and line ends that are elements there, and notes in parentheses. */
function inlineText(parent: Node): string {
  const texts: string[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling)
    texts.push(isElement(node) ? inlineElement(node) : (node.nodeValue ?? '').replaceAll(/\s+/g, ' '));
  return texts.join('');
}

/** More spaces in a row are no text. */
const MOST_SPACES = 1000;

function inlineElement(element: Element): string {
  const name = element.localName ?? '';
  switch (name) {
    case 's':
      return ' '.repeat(Math.min(MOST_SPACES, countOf(element, 'c')));
    case 'tab':
      return '\t';
    case 'line-break':
      return '\n';
    case 'note':
      return ` (${elementsNamed(element, 'note-body').map(inlineText).join(' ').trim()})`;
    case 'frame':
      return blocksOf(element).join('\n');
    default:
      return LEFT_OUT.has(name) ? '' : inlineText(element);
  }
}

/** More cells with something in them, repeated ones counted, than any real workbook has. */
const MOST_CELLS = 2_000_000;

/** The sheets of an OpenDocument spreadsheet as `sheetText`: numbers as they are stored, dates as ISO 8601. */
function odfSheets(spreadsheet: Element): string {
  const left = { cells: MOST_CELLS };
  return childElements(spreadsheet, 'table')
    .map((table) => sheetText(attribute(table, 'name') ?? '', rowsOf(table, left)))
    .join('\n\n');
}

/** @param left how many more cells all sheets together may have */
function rowsOf(table: Element, left: { cells: number }): readonly string[][] {
  return elementsNamed(table, 'table-row').flatMap((row) => {
    const all = childElements(row).map((cell) => ({
      text: cellText(cell),
      count: countOf(cell, 'number-columns-repeated'),
    }));
    const cells = all.slice(0, all.findLastIndex(({ text }) => text !== '') + 1);
    const width = cells.reduce((sum, { count }) => sum + count, 0);
    // An empty row counts as one cell: the rows below the last one are a million in many files.
    const count = width === 0 ? 1 : countOf(row, 'number-rows-repeated');
    left.cells -= Math.max(1, width) * count;
    if (left.cells < 0) throw new RefusalError('broken-document', `It has more than ${MOST_CELLS} cells. Split it.`);
    const texts = cells.flatMap((cell) => Array.from({ length: cell.count }, () => cell.text));
    return Array.from({ length: count }, () => texts);
  });
}

/** The number in an attribute; 1 if it is less, or none. */
function countOf(element: Element, name: string): number {
  return Math.max(1, Number(attribute(element, name) ?? 1) || 1);
}

function cellText(cell: Element): string {
  switch (attribute(cell, 'value-type') ?? '') {
    case 'float':
    case 'percentage':
    case 'currency':
      return attribute(cell, 'value') ?? '';
    case 'date':
      return attribute(cell, 'date-value') ?? '';
    default:
      return childElements(cell, 'p').map(inlineText).join('\n');
  }
}
