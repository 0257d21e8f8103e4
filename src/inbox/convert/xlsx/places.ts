import { RefusalError } from '../file-kind.ts';
import { numeral } from '../numerals.ts';

/** Excel's own limits. */
const LAST_ROW = 1_048_576;
const LAST_COLUMN = 16_384;

/** The number of a row as it is written; `before`: of the one before, which one without a number follows. */
export function rowNumber(written: string | undefined, before: number): number {
  const row = written === undefined ? before + 1 : Number(written);
  if (!(row >= 1 && row <= LAST_ROW)) throw misplaced();
  return row;
}

/** The number of the column of a cell (`B7`: 2), as `rowNumber`. */
export function columnNumber(written: string | undefined, before: number): number {
  let column = written === undefined ? before + 1 : 0;
  if (written !== undefined) {
    let at = 0;
    for (; at < written.length; at += 1) {
      const letter = written.charCodeAt(at) - 64;
      if (letter < 1 || letter > 26) break;
      column = column * 26 + letter;
    }
    rowNumber(written.slice(at), 0);
  }
  if (!(column >= 1 && column <= LAST_COLUMN)) throw misplaced();
  return column;
}

/** `B7`. */
export function placeOf(column: number, row: number): string {
  return `${numeral('LETTERS', column)}${row}`;
}

function misplaced(): RefusalError {
  return new RefusalError('broken-document', 'It has a cell where no workbook has one. Save it again.');
}
