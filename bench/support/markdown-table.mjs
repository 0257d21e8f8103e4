const line = (cells) => `| ${cells.join(' | ')} |`;

export function markdownTable(columns, rows) {
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join('\n');
}
