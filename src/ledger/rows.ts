import { isUtf8 } from 'node:buffer';
import type { Database, SqlValue } from './sqlite.ts';

/** The tables of the ledger; each refers to those before it alone. */
export const TABLES = ['recipes', 'versions', 'attempts', 'answers'] as const;

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

/**
 * The rows of a table, as they are understood even where bytes went wrong: null for a row with a text that is no UTF-8,
 * which the driver would end the process for.
 *
 * @throws DiskTrouble where the file cannot be read further
 */
export function* rowsOf(database: Database, table: Table, order: 'ASC' | 'DESC' = 'ASC'): Generator<Row | null> {
  const columns = columnsOf(database, table).map(({ name, type }) =>
    type === 'TEXT' ? `CAST(${name} AS BLOB) AS ${name}` : name,
  );
  if (columns.length === 0) return;
  const sql = `SELECT ${columns.join(', ')} FROM ${table} ORDER BY rowid ${order}`;
  for (const row of database.prepare<Record<string, SqlValue | Uint8Array>>(sql).iterate()) yield decoded(row);
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
  const slice = database.prepare<{ readonly last: number | null; readonly texts: Uint8Array | null }>(`
    SELECT max(id) AS last, CAST(group_concat(text, ' ') AS BLOB) AS texts FROM (
      SELECT rowid AS id, concat_ws(' ', ${texts.join(', ')}) AS text FROM ${table}
      WHERE rowid > ? ORDER BY rowid LIMIT ${SLICE}
    )
  `);
  for (let row = slice.get([0]); row !== undefined && row.last !== null; row = slice.get([row.last]))
    if (row.texts !== null && !isUtf8(row.texts)) return false;
  return true;
}

function decoded(row: Readonly<Record<string, SqlValue | Uint8Array>>): Row | null {
  const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });
  try {
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'object' && value !== null ? decoder.decode(value) : value,
      ]),
    );
  } catch {
    return null;
  }
}
