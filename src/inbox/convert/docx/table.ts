import { alternativeOf } from '../ooxml/ooxml.ts';
import { MOST_COLUMNS, requireFewCells } from '../tables.ts';
import { childElement, isElement, type XmlElement } from '../xml.ts';
import { valueIn } from './styles.ts';

export interface TableCell {
  /** Where it begins. Columns in which no cell of a table begins are not shown. */
  readonly column: number;
  readonly text: string;
}

/** The texts of rows in their columns: what a cell spans beside its first place is empty. */
export function columnsOf(rows: readonly (readonly TableCell[])[]): readonly (readonly string[])[] {
  const begun = new Set(rows.flatMap((row) => row.map(({ column }) => column)));
  requireFewCells(rows.length * begun.size);
  const places = new Map([...begun].toSorted((a, b) => a - b).map((column, place) => [column, place]));
  return rows.map((row) => {
    const texts = Array.from({ length: places.size }, () => '');
    for (const { column, text } of row) texts[places.get(column) ?? 0] = text;
    return texts;
  });
}

interface Row {
  /** Columns that are left free. */
  readonly before: number;
  readonly cells: readonly XmlElement[];
}

/** Rows that were not deleted, with their cells; both may lie in content controls. */
export function rowsOf(table: XmlElement): readonly Row[] {
  const rows: Row[] = [];
  for (const row of inside(table, 'tr', new Set(['tblPr', 'tblGrid', 'del']))) {
    const properties = childElement(row, 'trPr');
    if (childElement(properties, 'del') !== undefined) continue;
    rows.push({
      before: numberIn(properties, 'gridBefore'),
      cells: inside(row, 'tc', new Set(['trPr', 'tblPrEx', 'del'])),
    });
  }
  return rows;
}

function inside(parent: XmlElement, name: string, skipped: ReadonlySet<string>): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const collect = (element: XmlElement): void => {
    for (const child of (element.name === 'AlternateContent' ? alternativeOf(element) : element).children) {
      if (!isElement(child) || skipped.has(child.name)) continue;
      if (child.name === name) found.push(child);
      else collect(child);
    }
  };
  collect(parent);
  return found;
}

export function numberIn(properties: XmlElement | undefined, name: string): number {
  const value = Math.trunc(Number(valueIn(properties, name)));
  return value > 0 ? Math.min(value, MOST_COLUMNS) : 0;
}
