import { RefusalError } from './file-kind.ts';

/** A cell of a table, with the columns and rows that it spans. */
export interface TableCell {
  readonly text: string;
  /** @default 1 */
  readonly columns?: number;
  /** @default 1 */
  readonly rows?: number;
}

/** Columns of a table, at most: the limit of browsers, and more than any page holds. */
export const MOST_COLUMNS = 1000;
/** Of one table, at most, with those that are empty as another spans them. */
const MOST_CELLS = 5_000_000;

/** The texts of cells in their columns: what a cell spans beside its first place is empty. */
export function gridOf(rows: readonly (readonly TableCell[])[]): readonly (readonly string[])[] {
  // For each column, the rows below for which it is taken by a cell above.
  const taken: number[] = [];
  let count = 0;
  return rows.map((cells) => {
    const texts: string[] = [];
    const skipTaken = (): void => {
      while ((taken[texts.length] ?? 0) > 0) {
        taken[texts.length] = (taken[texts.length] ?? 0) - 1;
        texts.push('');
      }
    };
    for (const { text, columns = 1, rows: height = 1 } of cells) {
      skipTaken();
      const width = Math.max(1, Math.min(columns, MOST_COLUMNS - texts.length));
      for (let column = 0; column < width; column += 1) {
        taken[texts.length] = height - 1;
        texts.push(column === 0 ? text : '');
      }
    }
    while (texts.length < taken.length) {
      if ((taken[texts.length] ?? 0) > 0) skipTaken();
      else texts.push('');
    }
    count += texts.length;
    requireFewCells(count);
    return texts;
  });
}

/** A cell of a table, and the column in which it begins. */
export interface ColumnCell {
  readonly column: number;
  readonly text: string;
}

/** As `gridOf`, of cells whose columns are known: those in which none begins are left out. */
export function gridOfColumns(rows: readonly (readonly ColumnCell[])[]): readonly (readonly string[])[] {
  const begun = new Set(rows.flatMap((row) => row.map(({ column }) => column)));
  requireFewCells(rows.length * begun.size);
  const places = new Map([...begun].toSorted((a, b) => a - b).map((column, place) => [column, place]));
  return rows.map((row) => {
    const texts = Array.from({ length: places.size }, () => '');
    for (const { column, text } of row) texts[places.get(column) ?? 0] = text;
    return texts;
  });
}

/** Throws a `RefusalError` for a table of too many cells. */
function requireFewCells(count: number): void {
  if (count > MOST_CELLS)
    throw new RefusalError('too-complex', `A table in it has more than ${MOST_CELLS} cells. Split it.`);
}

/** A Markdown table whose first row is its head; empty if nothing stands in it. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  if (rows.every((row) => row.every((text) => text.trim() === ''))) return '';
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  const lines = rows.map((row) =>
    tableLine(Array.from({ length: width }, (_, column) => tableCell(row[column] ?? ''))),
  );
  const rule = tableLine(Array.from({ length: width }, () => '---'));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** A table in a cell of another: a line for each row. */
export function nestedTable(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join(' | ').trim()).join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function tableCell(text: string): string {
  const lines = text.trim().replaceAll('|', '\\|').split('\n');
  return lines.map((part) => part.trim()).join('<br>');
}

/** A row as CSV (RFC 4180), without the empty cells at its end. */
export function csvLine(row: readonly string[]): string {
  const last = row.findLastIndex((cell) => cell !== '');
  return row
    .slice(0, last + 1)
    .map(csvCell)
    .join(',');
}

/** A cell as it stands in a line of CSV (RFC 4180). */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
