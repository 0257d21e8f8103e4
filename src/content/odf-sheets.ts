import type { Element } from '@xmldom/xmldom';
import { Refusal } from '../inbox/convert/refusal.ts';
import { sheetText } from './sheet-text.ts';
import { attribute, childElements, elementsNamed } from './xml-elements.ts';

/** More cells with something in them, repeated ones counted, are no work of people. */
const MOST_CELLS = 2_000_000;

/** The sheets of an OpenDocument spreadsheet as `sheetText`: numbers as they are stored, dates as ISO 8601. */
export function odfSheets(spreadsheet: Element, inlineText: (paragraph: Element) => string): string {
  const budget = { cells: MOST_CELLS };
  return childElements(spreadsheet, 'table')
    .map((table) => sheetText(attribute(table, 'name') ?? '', rowsOf(table, inlineText, budget)))
    .join('\n\n');
}

interface Budget {
  cells: number;
}

function rowsOf(table: Element, inlineText: (paragraph: Element) => string, budget: Budget): readonly string[][] {
  return elementsNamed(table, 'table-row').flatMap((row) => {
    const cells = withoutEmptyEnd(
      childElements(row).map((cell) => ({
        text: cellText(cell, inlineText),
        count: repeated(cell, 'number-columns-repeated'),
      })),
    );
    const width = cells.reduce((sum, { count }) => sum + count, 0);
    // An empty row counts as one cell: the rows below the last one are a million in many files.
    const count = width === 0 ? 1 : repeated(row, 'number-rows-repeated');
    budget.cells -= Math.max(1, width) * count;
    if (budget.cells < 0) throw new Refusal('broken-document', `It has more than ${MOST_CELLS} cells. Split it.`);
    const texts = cells.flatMap((cell) => Array.from({ length: cell.count }, () => cell.text));
    return Array.from({ length: count }, () => texts);
  });
}

function withoutEmptyEnd<T extends { readonly text: string }>(cells: readonly T[]): readonly T[] {
  return cells.slice(0, cells.findLastIndex(({ text }) => text !== '') + 1);
}

function repeated(element: Element, name: string): number {
  return Math.max(1, Number(attribute(element, name) ?? 1) || 1);
}

function cellText(cell: Element, inlineText: (paragraph: Element) => string): string {
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
