/** A sheet as a heading and CSV (RFC 4180). Empty rows and columns at its end are left out. */
export function sheetText(name: string, rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => csvLine(row));
  const last = lines.findLastIndex((line) => line !== '');
  return [`## ${name}`, '', ...lines.slice(0, last + 1)].join('\n').trimEnd();
}

function csvLine(row: readonly string[]): string {
  const last = row.findLastIndex((cell) => cell !== '');
  return row
    .slice(0, last + 1)
    .map(csvCell)
    .join(',');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
