import { markdownTable } from '../tables.ts';

/** A piece of text on a page, as pdf.js gives it. Places are in points, from the bottom left. */
export interface TextItem {
  readonly str: string;
  /** Six numbers of a matrix; the last two are the place. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly fontName: string;
  /** The line ends behind it. */
  readonly hasEOL: boolean;
}

interface PlacedCell {
  text: string;
  readonly left: number;
  right: number;
}

/** Texts that follow each other at the same height. */
interface PlacedLine {
  readonly y: number;
  /** Of its letters. */
  readonly height: number;
  readonly cells: PlacedCell[];
  readonly items: TextItem[];
}

/** The text of a page in the order of the file. What its places show to be a table becomes a Markdown table. */
export function pageText(items: readonly TextItem[]): string {
  const lines = linesOf(items);
  let text = '';
  for (let at = 0; at < lines.length; ) {
    const table = tableAt(lines, at);
    if (table === null) {
      text += (lines[at]?.items ?? []).map(({ str, hasEOL }) => str + (hasEOL ? '\n' : '')).join('');
      at += 1;
    } else {
      text = `${text.trimEnd()}\n\n${table.markdown}\n\n`;
      at = table.end;
    }
  }
  return text;
}

/** In heights of a line's letters. */
const SAME_HEIGHT = 0.35;
const BETWEEN_WORDS = 0.15;
const BETWEEN_CELLS = 1.1;
const BETWEEN_ROWS = 3.5;
const WITHIN_ROW = 1.45;

function linesOf(items: readonly TextItem[]): readonly PlacedLine[] {
  const lines: PlacedLine[] = [];
  for (const item of items) {
    const [a = 0, b = 0, , , x = 0, y = 0] = item.transform;
    const line = lines.at(-1);
    if (item.str.trim() === '') {
      // Blanks have no place of their own.
      if (line === undefined) lines.push({ y, height: 0, cells: [], items: [item] });
      else {
        line.items.push(item);
        const cell = line.cells.at(-1);
        if (cell !== undefined) cell.text += ' ';
      }
      continue;
    }
    const height = item.height || Math.abs(a);
    const last = line?.cells.at(-1);
    const isUpright = a > 0 && Math.abs(b) < a / 100;
    const goesOn =
      line !== undefined &&
      last !== undefined &&
      isUpright &&
      Math.abs(y - line.y) < SAME_HEIGHT * line.height &&
      x > last.right - line.height / 2;
    if (!goesOn) {
      // What is turned is in no table.
      const cells = isUpright ? [{ text: item.str, left: x, right: x + item.width }] : [];
      lines.push({ y, height, cells, items: [item] });
      continue;
    }
    line.items.push(item);
    const gap = x - last.right;
    if (gap > BETWEEN_CELLS * height) line.cells.push({ text: item.str, left: x, right: x + item.width });
    else {
      last.text += (gap > BETWEEN_WORDS * height ? ' ' : '') + item.str;
      last.right = x + item.width;
    }
  }
  return lines;
}

interface FoundTable {
  readonly markdown: string;
  /** The first line below it. */
  readonly end: number;
}

const FEWEST_ROWS = 3;

/** A table whose first row is this line. Rather none than a wrong one: prose never becomes a table. */
function tableAt(lines: readonly PlacedLine[], start: number): FoundTable | null {
  let end = start;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    const above = lines[end - 1];
    if (line === undefined || line.cells.length === 0) break;
    if (end === start || above === undefined) {
      if (line.cells.length < 2) break;
      continue;
    }
    const step = above.y - line.y;
    // A line of one cell goes on within a row: nothing else is so near.
    const isNear = step > 0 && step < (line.cells.length > 1 ? BETWEEN_ROWS : WITHIN_ROW) * above.height;
    if (!isNear) break;
  }
  // The last lines may be a paragraph below it.
  for (; end - start >= FEWEST_ROWS; end -= 1) {
    if ((lines[end - 1]?.cells.length ?? 0) < 2) continue;
    const rows = rowsIn(lines.slice(start, end));
    if (rows !== null && isTable(rows)) return { markdown: markdownTable(rows), end };
  }
  return null;
}

/** The texts of lines in their columns; null if they have none. A line in a column only goes on with the row above. */
function rowsIn(lines: readonly PlacedLine[]): readonly (readonly string[])[] | null {
  const columns = columnsOf(lines);
  if (columns === null) return null;
  const rows: string[][] = [];
  for (const { cells } of lines) {
    const row = columns.map(() => '');
    for (const cell of cells) {
      const column = columns.findIndex(({ left, right }) => cell.left < right && cell.right > left);
      if (column < 0) return null;
      row[column] = `${row[column]} ${cell.text}`.trim();
    }
    const column = row.findIndex((text) => text !== '');
    const above = rows.at(-1);
    if (cells.length === 1 && column > 0 && above !== undefined)
      above[column] = `${above[column]}\n${row[column]}`.trim();
    else rows.push(row);
  }
  return rows;
}

interface TableColumn {
  readonly left: number;
  readonly right: number;
}

/** A column is as wide as the widest of so many lines. */
const FEWEST_FULL = 0.4;
/** Of its cells, so many begin or end at the same place, or have the same middle. In heights of letters, how near. */
const FEWEST_ALIGNED = 0.7;
const ALIGNED = 0.6;

/** The columns of those lines that have all of them; null if they stand in each other, or in no column. */
function columnsOf(lines: readonly PlacedLine[]): readonly TableColumn[] | null {
  const counts = lines.map(({ cells }) => cells.length).toSorted((a, b) => b - a);
  const count = counts[Math.floor(lines.length * FEWEST_FULL)] ?? 0;
  const full = lines.filter(({ cells }) => cells.length === count);
  if (count < 2 || full.length < 2) return null;
  const columns: TableColumn[] = [];
  for (let at = 0; at < count; at += 1) {
    const cells = full.flatMap(({ cells: all }) => all[at] ?? []);
    const near = (full[0]?.height ?? 0) * ALIGNED;
    const edges = [
      cells.map(({ left }) => left),
      cells.map(({ right }) => right),
      cells.map((c) => (c.left + c.right) / 2),
    ];
    if (!edges.some((places) => isAligned(places, near))) return null;
    const column = { left: Math.min(...(edges[0] ?? [])), right: Math.max(...(edges[1] ?? [])) };
    if (column.left < (columns.at(-1)?.right ?? Number.NEGATIVE_INFINITY)) return null;
    columns.push(column);
  }
  return columns;
}

function isAligned(places: readonly number[], near: number): boolean {
  const middle = places.toSorted((a, b) => a - b)[Math.floor(places.length / 2)] ?? 0;
  return places.filter((place) => Math.abs(place - middle) <= near).length >= places.length * FEWEST_ALIGNED;
}

/** Of letters in a column, on the average: more is prose. */
const LONGEST_CELLS = 40;
const LONGEST_SECOND = 22;
const LIST_MARK = /^(?:[^\p{L}\p{N}\s]{1,2}|[([]?(?:\d{1,3}|[ivxlc]{1,5}|[a-z])[.)\]]{1,2})$/iu;
/** Dots before a page's number; comments of a program. */
const NO_CELLS = /\.{4}|(?:\. ){4}|\/\/ /;

/** Whether columns are neither those of prose, nor marks of a list, nor contents, nor a program, nor spaced letters. */
function isTable(rows: readonly (readonly string[])[]): boolean {
  if (rows.length < FEWEST_ROWS) return false;
  const cells = rows.flat().filter((text) => text !== '');
  const width = rows[0]?.length ?? 0;
  if (cells.length < rows.length * width * 0.5) return false;
  if (cells.filter((text) => /^\p{L}$/u.test(text)).length > cells.length / 3) return false;
  if (rows.filter((row) => NO_CELLS.test(row.join(' '))).length > rows.length / 3) return false;
  const lengths = Array.from({ length: width }, (_, column) => {
    const texts = rows.flatMap((row) => row[column] || []);
    return texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
  }).toSorted((a, b) => b - a);
  if ((lengths[0] ?? 0) > LONGEST_CELLS || (lengths[1] ?? 0) > LONGEST_SECOND) return false;
  const first = rows.map((row) => row[0] ?? '').filter((text) => text !== '');
  return first.filter((text) => LIST_MARK.test(text)).length <= first.length / 3;
}
