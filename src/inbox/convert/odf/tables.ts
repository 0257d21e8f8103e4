import { RefusalError } from '../file-kind.ts';
import type { Reading } from '../reading.ts';
import { gridOf, type TableCell } from '../tables.ts';
import { attribute, childElements, type XmlElement } from '../xml.ts';
import { wholeNumber } from './lists.ts';

/** More cells with something in them, repeated ones counted, than any real workbook has. */
const MOST_CELLS = 2_000_000;
/** Larger counts are no exact numbers, and no workbook has as many cells. */
const MOST_REPEATED = Number.MAX_SAFE_INTEGER;

/** How many cells a document may still have. */
export class CellBudget {
  #left = MOST_CELLS;

  /** Throws a `RefusalError` if there are too many. */
  take(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new RefusalError('too-complex', `It has more than ${MOST_CELLS} cells. Split it.`);
  }
}

/** How often a row or a cell stands there. */
export function repeatedOf(element: XmlElement, name: 'number-rows-repeated' | 'number-columns-repeated'): number {
  const text = attribute(element, name);
  if (text === undefined || !/^\d+$/.test(text)) return 1;
  return Math.max(1, wholeNumber(text, MOST_REPEATED));
}

const GROUPS = new Set(['table-header-rows', 'table-rows', 'table-row-group']);

/** The rows of a table, in groups or not. */
export function rowsOf(table: XmlElement): readonly XmlElement[] {
  return childElements(table).flatMap((element) => {
    if (element.name === 'table-row') return [element];
    return GROUPS.has(element.name) ? rowsOf(element) : [];
  });
}

/** The cells of a row, those that are covered by others too. */
export function cellsOf(row: XmlElement): readonly XmlElement[] {
  return childElements(row).filter(({ name }) => name === 'table-cell' || name === 'covered-table-cell');
}

/** The texts of the cells of a table, each in its column. */
export function tableTexts(
  table: XmlElement,
  budget: CellBudget,
  reading: Reading,
  cellText: (cell: XmlElement) => string,
): readonly (readonly string[])[] {
  const rows = rowsOf(table);
  // Cells under a wide one stand there too, unless the program that wrote the file did not know.
  const isCovered = rows.some((row) => childElements(row, 'covered-table-cell').length > 0);
  const grid: (readonly TableCell[])[] = [];
  for (const row of rows) {
    const cells: TableCell[] = [];
    for (const cell of cellsOf(row)) {
      const one = isCovered ? { text: cellText(cell) } : { text: cellText(cell), ...spansOf(cell) };
      repeat(repeatedOf(cell, 'number-columns-repeated'), budget, () => {
        reading.put(one.text);
        cells.push(one);
      });
    }
    repeat(repeatedOf(row, 'number-rows-repeated'), budget, () => {
      for (const { text } of cells) reading.put(text);
      grid.push(cells);
    });
  }
  // All rows get as wide as the widest.
  budget.take(grid.length * grid.reduce((widest, cells) => Math.max(widest, widthOf(cells)), 0));
  return gridOf(grid);
}

function repeat(count: number, budget: CellBudget, add: () => void): void {
  budget.take(count);
  for (let copies = 0; copies < count; copies += 1) add();
}

function widthOf(cells: readonly TableCell[]): number {
  return cells.reduce((sum, { columns = 1 }) => sum + columns, 0);
}

function spansOf(cell: XmlElement): Omit<TableCell, 'text'> {
  return {
    columns: wholeNumber(attribute(cell, 'number-columns-spanned'), 1),
    rows: wholeNumber(attribute(cell, 'number-rows-spanned'), 1),
  };
}
