import { RefusalError } from './file-kind.ts';

export interface TableCell {
  /** Where it begins. Columns in which no cell of a table begins are not shown. */
  readonly column: number;
  readonly text: string;
}

const MOST_CELLS = 5_000_000;

/** The texts of rows in their columns: what a cell spans beside its first place is empty. */
export function columnsOf(rows: readonly (readonly TableCell[])[]): readonly (readonly string[])[] {
  const begun = new Set(rows.flatMap((row) => row.map(({ column }) => column)));
  if (rows.length * begun.size > MOST_CELLS)
    throw new RefusalError('too-complex', `It has a table of more than ${MOST_CELLS} cells. Split it.`);
  const places = new Map([...begun].toSorted((a, b) => a - b).map((column, place) => [column, place]));
  return rows.map((row) => {
    const texts = Array.from({ length: places.size }, () => '');
    for (const { column, text } of row) texts[places.get(column) ?? 0] = text;
    return texts;
  });
}
