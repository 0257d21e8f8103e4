import { RefusalError } from './file-kind.ts';
import { sheetText } from './tables.ts';
import { type ArchiveTexts, packAgain } from './zip.ts';

/** The sheets of a workbook as `sheetText`: numbers as stored, dates as ISO 8601. Rejects with a `RefusalError`. */
export async function xlsxText(texts: ArchiveTexts): Promise<string> {
  checkSheets(texts);
  const { default: readSheets } = await import('read-excel-file/node');
  const sheets = await readSheets(packAgain(texts), { trim: false, parseNumber: storedNumber });
  const blocks = sheets.map(({ sheet, data }) => {
    const rows = data.map((row) => row.map(cellText));
    return sheetText(sheet, rows);
  });
  return blocks.join('\n\n');
}

/** Up to 17 digits as they stand in the file; not rounded as Excel shows them. */
function storedNumber(text: string): string {
  return /e/i.test(text) ? String(Number(text)) : text;
}

function cellText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/(?:T00:00:00)?\.000Z$|Z$/, '');
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}

/** Excel's own limits. */
const LAST_ROW = 1_048_576;
const LAST_COLUMN = 16_384;
/** Of all sheets together, with the empty ones that lie between others: the library gives each of them memory. */
const MOST_CELLS = 10_000_000;

/** A row or a cell with attributes. In XML no `<` is in a tag, so one whose end is not found is none of a workbook. */
const TAGS = /<(?:[\w.:-]*:)?(?:row|c)\s(?<attributes>(?:[^<>"']|"[^<"]*"|'[^<']*')*>)?/g;
const REFERENCES = /(?<!xmlns:)\br\s*=\s*(?:"[^"]*"|'[^']*')/g;
/** `B7`, or `7` of a row. */
const PLACE = /["'](?<letters>[A-Z]{0,3})(?<digits>\d{1,7})["']$/;

/**
 * Throws a `RefusalError` if a sheet has a row or cell at a place that Excel does not have, or would take too much
 * memory: the library believes whatever place a cell names, and a large one ends the process ("invalid size error").
 */
function checkSheets(texts: ArchiveTexts): void {
  let cells = 0;
  for (const bytes of texts.values()) {
    // ASCII is all that is looked at, and this keeps it.
    if (bytes.includes('sheetData')) cells += cellsOf(bytes.toString('latin1'));
    if (cells <= MOST_CELLS) continue;
    const found = `Its cells, with the empty ones between them, are more than ${MOST_CELLS}`;
    throw new RefusalError('too-complex', `${found}. Clear what lies far from the rest, or split it.`);
  }
}

/** How many the library makes: full rows as wide as the widest, and a row for each empty one before the last. */
function cellsOf(sheet: string): number {
  let row = 0;
  const last = { row: 0, filledRow: 0, filledColumn: 0 };
  for (const { 0: tag, index, groups } of sheet.matchAll(TAGS)) {
    const place = placeOf(groups?.['attributes']);
    if (place.column === 0) row = place.row;
    last.row = Math.max(last.row, place.row);
    const end = index + tag.length;
    const isEmpty = sheet[end - 2] === '/' || sheet.startsWith('</', end);
    if (place.column === 0 || isEmpty) continue;
    last.filledRow = Math.max(last.filledRow, row, place.row);
    last.filledColumn = Math.max(last.filledColumn, place.column);
  }
  return last.row + last.filledRow * last.filledColumn;
}

/** Column 0: it is a row. Row 0: it has no number. */
function placeOf(attributes: string | undefined): { readonly row: number; readonly column: number } {
  const [reference, ...others] = attributes?.match(REFERENCES) ?? [];
  if (attributes !== undefined && reference === undefined) return { row: 0, column: 0 };
  const groups = reference === undefined || others.length > 0 ? undefined : PLACE.exec(reference)?.groups;
  const row = Number(groups?.['digits'] ?? Infinity);
  // `A` is 1.
  const numbers = Array.from(groups?.['letters'] ?? '', (letter) => letter.charCodeAt(0) - 64);
  const column = numbers.reduce((sum, number) => sum * 26 + number, 0);
  if (row > LAST_ROW || column > LAST_COLUMN)
    throw new RefusalError('broken-document', 'It has a cell where no workbook has one. Save it again.');
  return { row, column };
}
