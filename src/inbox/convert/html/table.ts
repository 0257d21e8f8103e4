import { gridOf, markdownTable, type TableCell } from '../tables.ts';
import { attribute, isElement, type XmlElement, type XmlNode } from '../xml.ts';
import { holds, numberAttribute, type Page } from './page.ts';

interface Group {
  readonly kind: string;
  readonly rows: (readonly XmlElement[])[];
}

interface Rows {
  readonly groups: Group[];
  /** Captions, and what has no place in a table: browsers show it above. */
  readonly above: XmlElement[];
}

/** What a cell of a table of values does not have in it. */
const LAYOUT = new Set('table pre blockquote h1 h2 h3 h4 h5 h6'.split(' '));
/** Tables in cells of tables; deeper ones become lines. */
const MOST_NESTED = 3;
const WIDEST_SPAN = 1000;

/** A table of values as Markdown; one that only arranges the page as its cells, one after the other. `depth`: in cells of tables. */
export function writeTable(table: XmlElement, page: Page, depth: number): void {
  const { groups, above } = rowsOf(table);
  page.out.breakBlock(2);
  for (const element of above) {
    page.inside(element);
    page.out.breakBlock(1);
  }
  const ordered = ['thead', 'tbody', 'tfoot'].flatMap((kind) => groups.filter((group) => group.kind === kind));
  const rows = ordered.flatMap((group) => group.rows);
  if (depth >= MOST_NESTED || isLayout(table, rows)) {
    for (const cell of rows.flat()) {
      page.out.breakBlock(1);
      page.inside(cell);
    }
  } else {
    const grid = withoutEmpty(gridOf(ordered.flatMap((group) => cellsOf(group, page))), isMarked(table, rows));
    if (grid.every((row) => row.length < 2)) for (const row of grid) page.out.block((row[0] ?? '').split('\n'));
    else page.out.block(markdownTable(grid).split('\n'));
  }
  page.out.breakBlock(2);
}

function rowsOf(table: XmlElement): Rows {
  const rows: Rows = { groups: [], above: [] };
  collect(table.children, 'tbody', rows);
  return rows;
}

/** Forms and the like may stand between a table and its rows. */
function collect(nodes: readonly XmlNode[], kind: string, { groups, above }: Rows): void {
  let loose: XmlElement[] = [];
  const group = (): Group => {
    const last = groups.at(-1);
    if (last?.kind === kind) return last;
    const next = { kind, rows: [] };
    groups.push(next);
    return next;
  };
  const endRow = (): void => {
    if (loose.length > 0) group().rows.push(loose);
    loose = [];
  };
  for (const node of nodes) {
    const name = isElement(node) ? node.name : '';
    if (!isElement(node)) {
      if (/\S/.test(node)) above.push({ name: '', attributes: {}, children: [node] });
    } else if (name === 'td' || name === 'th') loose.push(node);
    else {
      endRow();
      if (name === 'tr') group().rows.push(cellsIn(node, above));
      else if (name === 'thead' || name === 'tbody' || name === 'tfoot') {
        groups.push({ kind: name, rows: [] });
        collect(node.children, name, { groups, above });
      } else if (holdsRows(node)) collect(node.children, kind, { groups, above });
      else above.push(name === 'caption' ? node : { name: '', attributes: {}, children: [node] });
    }
  }
  endRow();
}

function cellsIn(row: XmlElement, above: XmlElement[]): readonly XmlElement[] {
  return row.children.flatMap((child): readonly XmlElement[] => {
    if (isElement(child) && (child.name === 'td' || child.name === 'th')) return [child];
    if (isElement(child) && holdsRows(child)) return cellsIn(child, above);
    if (isElement(child) || /\S/.test(child)) above.push({ name: '', attributes: {}, children: [child] });
    return [];
  });
}

function holdsRows({ name, children }: XmlElement): boolean {
  return (
    name !== 'table' && children.some((child) => isElement(child) && /^(?:t[rdh]|tbody|thead|tfoot)$/.test(child.name))
  );
}

function isLayout(table: XmlElement, rows: readonly (readonly XmlElement[])[]): boolean {
  const columns = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  if (columns < 2) return true;
  if (!rows.flat().some((cell) => holds(cell, LAYOUT))) return false;
  return rows.length < 2 || !isMarked(table, rows);
}

/** Whether it is meant as a table of values. */
function isMarked(table: XmlElement, rows: readonly (readonly XmlElement[])[]): boolean {
  if (/^(?:presentation|none)$/i.test(attribute(table, 'role') ?? '')) return false;
  return (numberAttribute(table, 'border') ?? 0) > 0 || rows.flat().some(({ name }) => name === 'th');
}

/** Spans of rows end with their group. */
function cellsOf({ rows }: Group, page: Page): readonly (readonly TableCell[])[] {
  return rows.map((cells, index) =>
    cells.map((cell) => {
      const span = numberAttribute(cell, 'rowspan') ?? 1;
      const left = rows.length - index;
      return {
        text: page.cell(cell),
        columns: Math.max(1, Math.min(numberAttribute(cell, 'colspan') ?? 1, WIDEST_SPAN)),
        rows: span === 0 ? left : Math.max(1, Math.min(span, left)),
      };
    }),
  );
}

/** Columns that only keep others apart go; so do empty rows, unless they are there to be filled in. */
function withoutEmpty(grid: readonly (readonly string[])[], keepsRows: boolean): readonly (readonly string[])[] {
  const width = grid.reduce((widest, row) => Math.max(widest, row.length), 0);
  const used = Array.from({ length: width }, (_, column) => grid.some((row) => (row[column] ?? '') !== ''));
  const rows = keepsRows ? grid : grid.filter((row) => row.some((text) => text !== ''));
  return rows.map((row) => row.filter((_, column) => used[column]));
}
