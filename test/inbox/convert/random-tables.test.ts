import { describe, expect, test } from '@jest/globals';
import { freshSeeds, seeded } from '../../support/seeded.ts';
import { textOf } from './converted-in.ts';
import { archive, docx, docxParagraph, epub, openDocument, relationships } from './office-files.ts';

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly text: string;
}

/** Whose cells fill it without a gap, in the order in which they begin. */
interface Table {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly Cell[];
}

const MOST = 6;

function randomTable(random: () => number): Table {
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  const [width, height] = [1 + upTo(MOST - 1), 1 + upTo(MOST - 1)];
  const cells: Cell[] = [];
  const isFree = (row: number, column: number): boolean => coveringCell({ cells }, row, column) === undefined;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (!isFree(row, column)) continue;
      let columns = 1;
      const most = random() < 0.5 ? 1 : upTo(width - column);
      while (columns < most && isFree(row, column + columns)) columns += 1;
      const rows = random() < 0.5 ? 1 : upTo(height - row);
      cells.push({ row, column, rows, columns, text: `c${cells.length}` });
    }
  }
  return { width, height, cells };
}

/** One that does not come to a single row or column: such a one may be shown as lines. */
function wideTable(random: () => number): Table {
  for (;;) {
    const table = randomTable(random);
    const grid = withoutEmpty(beginnings(table));
    if (grid.length > 1 && (grid[0] ?? []).length > 1) return table;
  }
}

function coveringCell({ cells }: Pick<Table, 'cells'>, row: number, column: number): Cell | undefined {
  return cells.find(
    (cell) =>
      cell.row <= row && row < cell.row + cell.rows && cell.column <= column && column < cell.column + cell.columns,
  );
}

/** What a function makes of each place, row after row; an empty text where it is not the cell's first. */
function places(
  table: Table,
  show: (cell: Cell, place: { readonly isFirstRow: boolean; readonly isFirstColumn: boolean }) => string,
): string[][] {
  return Array.from({ length: table.height }, (_, row) =>
    Array.from({ length: table.width }, (_unused, column) => {
      const cell = coveringCell(table, row, column);
      if (cell === undefined) throw new Error('a table has gaps');
      return show(cell, { isFirstRow: cell.row === row, isFirstColumn: cell.column === column });
    }),
  );
}

const beginnings = (table: Table): string[][] =>
  places(table, ({ text }, { isFirstRow, isFirstColumn }) => (isFirstRow && isFirstColumn ? text : ''));

/** Rows and columns in which no cell begins may be missing. */
function withoutEmpty(grid: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const rows = grid.filter((row) => row.some((text) => text !== ''));
  const used = (rows[0] ?? []).map((_, column) => rows.some((row) => row[column] !== ''));
  return rows.map((row) => row.filter((_, column) => used[column]));
}

function gridIn(markdown: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('| --- |'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((text) => text.trim()),
  );
}

const joined = (rows: readonly (readonly string[])[], row: string): string =>
  rows.map((cells) => `<${row}>${cells.join('')}</${row}>`).join('');

function wordFile(table: Table): Buffer {
  const rows = places(table, ({ text, columns, rows: height }, { isFirstRow, isFirstColumn }) => {
    if (!isFirstColumn) return '';
    const merge = height === 1 ? '' : `<w:vMerge${isFirstRow ? ' w:val="restart"' : ''}/>`;
    const span = columns === 1 ? '' : `<w:gridSpan w:val="${columns}"/>`;
    return `<w:tc><w:tcPr>${span}${merge}</w:tcPr>${isFirstRow ? docxParagraph(text) : '<w:p/>'}</w:tc>`;
  });
  return docx(`<w:tbl>${joined(rows, 'w:tr')}</w:tbl>`);
}

function openFile(table: Table): Buffer {
  const rows = places(table, ({ text, columns, rows: height }, { isFirstRow, isFirstColumn }) =>
    isFirstRow && isFirstColumn
      ? `<table:table-cell table:number-columns-spanned="${columns}" table:number-rows-spanned="${height}"><text:p>${text}</text:p></table:table-cell>`
      : '<table:covered-table-cell/>',
  );
  return openDocument('text', `<table:table>${joined(rows, 'table:table-row')}</table:table>`);
}

function book(table: Table): Buffer {
  const rows = places(table, ({ text, columns, rows: height }, { isFirstRow, isFirstColumn }) =>
    isFirstRow && isFirstColumn ? `<td colspan="${columns}" rowspan="${height}">${text}</td>` : '',
  );
  return epub([`<table border="1">${joined(rows, 'tr')}</table>`]);
}

const flagged = (name: string, isSet: boolean): string => (isSet ? ` ${name}="1"` : '');
const slidePart = (name: string, inside: string): string =>
  `<?xml version="1.0"?><p:${name} xmlns:p="p" xmlns:a="a" xmlns:r="r">${inside}</p:${name}>`;

function slides(table: Table): Buffer {
  const rows = places(table, ({ text, columns, rows: height }, { isFirstRow, isFirstColumn }) => {
    const merged = flagged('hMerge', !isFirstColumn) + flagged('vMerge', !isFirstRow);
    const content = merged === '' ? `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>` : '<a:p/>';
    return `<a:tc gridSpan="${columns}" rowSpan="${height}"${merged}><a:txBody>${content}</a:txBody></a:tc>`;
  });
  const frame = `<p:graphicFrame><a:graphic><a:graphicData><a:tbl>${joined(rows, 'a:tr')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
  return archive({
    'ppt/presentation.xml': slidePart('presentation', '<p:sldIdLst><p:sldId id="256" r:id="s"/></p:sldIdLst>'),
    'ppt/_rels/presentation.xml.rels': relationships([['s', 'slide', 'slides/slide1.xml']]),
    'ppt/slides/slide1.xml': slidePart('sld', `<p:cSld><p:spTree>${frame}</p:spTree></p:cSld>`),
  });
}

describe('cells of any table stand in their columns', () => {
  describe.each([
    ['docx', wordFile],
    ['odt', openFile],
    ['epub', book],
    ['pptx', slides],
  ])('%s', (format, file) => {
    test.each(freshSeeds(20))('seed %d', async (seed) => {
      const table = wideTable(seeded(seed));
      const text = await textOf(`a.${format}`, file(table));
      expect(withoutEmpty(gridIn(text))).toEqual(withoutEmpty(beginnings(table)));
    });
  });
});
