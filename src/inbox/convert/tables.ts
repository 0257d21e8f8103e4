/** A Markdown table whose first row is its head; empty where there are no rows. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  if (width === 0) return '';
  const lines = rows.map((row) => line(Array.from({ length: width }, (_, column) => cell(row[column] ?? ''))));
  const rule = line(Array.from({ length: width }, () => '---'));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cell(text: string): string {
  const lines = text.trim().replaceAll('|', '\\|').split('\n');
  return lines.map((part) => part.trim()).join('<br>');
}
