/** A Markdown table whose first row is its head; empty if there are no rows. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  if (width === 0) return '';
  const lines = rows.map((row) =>
    tableLine(Array.from({ length: width }, (_, column) => tableCell(row[column] ?? ''))),
  );
  const rule = tableLine(Array.from({ length: width }, () => '---'));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function tableCell(text: string): string {
  const lines = text.trim().replaceAll('|', '\\|').split('\n');
  return lines.map((part) => part.trim()).join('<br>');
}

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
