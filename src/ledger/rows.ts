import { isUtf8 } from 'node:buffer';
import type { Database, SqlValue } from './sqlite.ts';

/** The tables of the ledger; each refers to those before it alone. */
export const TABLES = ['recipes', 'versions', 'attempts', 'answers', 'replies'] as const;

export type Table = (typeof TABLES)[number];

export type Row = Readonly<Record<string, SqlValue>>;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Names of the columns of a table with their types; none where there is no such table. */
export function columnsOf(database: Database, table: Table): readonly Column[] {
  return database.prepare<Column>(`SELECT name, type FROM pragma_table_info('${table}')`).all();
}

/** Reads rows as they are understood even where bytes went wrong. Throws `DiskTrouble` where the file cannot be read. */
export interface RowReader {
  /** The rows with ids above `after`, up to `last`. */
  between(after: number, last: number): readonly Row[];
  /** One row, or none. Reads nothing beside it. */
  at(id: number): readonly Row[];
  /** The greatest id; 0 where there is no row. */
  last(): number;
}

type NumberedRow = { readonly row_id: number } & Readonly<Record<string, SqlValue | ArrayBuffer>>;

/**
 * A row with a text that is no UTF-8, for which the driver would end the process, is passed over, and so is one with an
 * id that was not asked for.
 */
export function rowReader(database: Database, table: Table): RowReader {
  const select = `SELECT rowid AS row_id, ${columnsOf(database, table).map(readSafely).join(', ')} FROM ${table}`;
  const between = database.prepare<NumberedRow>(`${select} NOT INDEXED WHERE rowid > ? AND rowid <= ? ORDER BY rowid`);
  const single = database.prepare<NumberedRow>(`${select} NOT INDEXED WHERE rowid = ?`);
  const last = database.prepare<{ readonly id: number | null }>(`SELECT max(rowid) AS id FROM ${table} NOT INDEXED`);
  const sound = (rows: readonly NumberedRow[], first: number, end: number) =>
    rows.flatMap((row) => (row.row_id >= first && row.row_id <= end ? decoded(row) : []));

  return {
    between: (after, end) => sound(between.all([after, end]), after + 1, end),
    at: (id) => sound(single.all([id]), id, id),
    last: () => last.get()?.id ?? 0,
  };
}

/** A damaged row may have a text in any column. */
function readSafely({ name, type }: Column): string {
  return type === 'TEXT'
    ? `CAST(${name} AS BLOB) AS ${name}`
    : `CASE WHEN typeof(${name}) IN ('integer', 'real') THEN ${name} END AS ${name}`;
}

/** How many rows are looked through at once. */
const SLICE = 1000;

/**
 * Whether all texts of a table are UTF-8. Many are read as one, which takes a twentieth of the time.
 *
 * @throws DiskTrouble where the file cannot be read
 */
export function areTextsSound(database: Database, table: Table): boolean {
  const texts = columnsOf(database, table).flatMap(({ name, type }) => (type === 'TEXT' ? [name] : []));
  const slice = database.prepare<{ readonly last: number | null; readonly texts: ArrayBuffer | null }>(`
    SELECT max(id) AS last, CAST(group_concat(text, ' ') AS BLOB) AS texts FROM (
      SELECT rowid AS id, concat_ws(' ', ${texts.join(', ')}) AS text FROM ${table}
      WHERE rowid > ? ORDER BY rowid LIMIT ${SLICE}
    )
  `);
  for (let row = slice.get([0]); row !== undefined && row.last !== null; row = slice.get([row.last]))
    if (row.texts !== null && !isUtf8(row.texts)) return false;
  return true;
}

/** None where a text of it is no UTF-8. */
function decoded(row: Readonly<Record<string, SqlValue | ArrayBuffer>>): Row[] {
  const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });
  const valueOf = (value: SqlValue | ArrayBuffer) =>
    typeof value === 'object' && value !== null ? decoder.decode(value) : value;
  try {
    return [Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueOf(value)]))];
  } catch {
    return [];
  }
}
