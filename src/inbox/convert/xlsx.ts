import { checkSheets } from '../../content/check-sheets.ts';
import { packAgain } from '../../content/pack-again.ts';
import { sheetText } from '../../content/sheet-text.ts';
import type { Texts } from './zip.ts';

/** A workbook: each sheet a heading and a table as CSV. Numbers as they are stored, dates as ISO 8601. Rejects with a `Refusal`. */
export async function xlsxText(texts: Texts): Promise<string> {
  checkSheets(texts);
  const { default: readSheets } = await import('read-excel-file/node');
  const sheets = await readSheets(packAgain(texts), { trim: false, parseNumber: storedNumber });
  return sheets
    .map(({ sheet, data }) =>
      sheetText(
        sheet,
        data.map((row) => row.map(cellText)),
      ),
    )
    .join('\n\n');
}

/** Up to 17 digits as they stand in the file; Excel's own rounding for the eye is not repeated. */
function storedNumber(text: string): string {
  return /e/i.test(text) ? String(Number(text)) : text;
}

function cellText(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/(?:T00:00:00)?\.000Z$|Z$/, '');
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}
