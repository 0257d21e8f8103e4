import { isUtf8 } from 'node:buffer';
import { DiskError } from '../domain/errors.ts';
import { orUndefined } from '../lib/errors.ts';
import { type Database, openDatabase, type SqlValue } from './sqlite.ts';

/** How many rows were saved. */
export type Saved = Readonly<Record<'versions' | 'attempts' | 'answers', number>>;

/** Rows that are asked for at once. */
const WINDOW = 64;

/** After so many ids in a row that give nothing, a table is at its end: one bad page of its tree hides fewer. */
const NOTHING_MORE = 10_000;

/** Takes over all that can be read of a damaged ledger; placeholders stand for lost rows that others refer to. */
export function salvage(damagedFile: string, ledger: Database): Saved {
  const damaged = orUndefined(() => openDatabase(damagedFile));
  if (damaged !== undefined) {
    ledger.transaction(() => {
      for (const table of TABLES) salvageTable(damaged, ledger, table);
      for (const insertion of [LOST_VERSIONS, LOST_RECIPES]) ledger.exec(insertion);
    });
    orUndefined(() => damaged.close());
  }
  return ledger.prepare<Saved>(SAVED).only();
}

const SAVED = `
  SELECT (SELECT count(*) FROM versions WHERE document <> '(lost)') AS versions,
    (SELECT count(*) FROM attempts) AS attempts, (SELECT count(*) FROM answers) AS answers
`;

function salvageTable(damaged: Database, ledger: Database, table: Table): void {
  const reader = orUndefined(() => rowReader(damaged, table));
  if (reader === undefined) return;
  // A row that breaks a constraint, or is there already, is left out. An older ledger has fewer columns.
  const names = columnsOf(damaged, table).map(({ name }) => name);
  const values = names.map(() => '?').join(', ');
  const insert = ledger.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${values})`);
  for (const row of readableRows(reader)) {
    try {
      insert.run(row);
    } catch (error) {
      // The new ledger's own disk refuses: that ends the salvage.
      if (error instanceof DiskError) throw error;
    }
  }
}

function* readableRows(reader: RowReader): Generator<Row> {
  const claimedLast = orUndefined(() => reader.last()) ?? Number.POSITIVE_INFINITY;
  let found = 0;
  for (let after = 0; after - found < NOTHING_MORE; after += WINDOW) {
    const rows = readWindow(reader, after, after < claimedLast);
    if (rows.length > 0) found = after + WINDOW;
    yield* rows;
  }
}

/** Reads row by row if there is damage, or if fewer rows come than `isFull` promises: damage may end a window early. */
function readWindow(reader: RowReader, after: number, isFull: boolean): readonly Row[] {
  const rows = orUndefined(() => reader.between(after, after + WINDOW));
  if (rows !== undefined && (rows.length === WINDOW || !isFull)) return rows;
  const single = Array.from({ length: WINDOW }, (_, index) => orUndefined(() => reader.at(after + index + 1)) ?? []);
  return [...single.flat(), ...(rows ?? [])];
}

/** Stands for a name that was lost. */
const LOST = "'(lost)'";

/** Not current, so that none is taken for a document's own. */
const LOST_VERSIONS = `
  INSERT INTO versions (version_id, document, sha256, size, modified_ms, current, state, api, recipe_id, updated_at)
  SELECT version_id, ${LOST}, 'lost-' || version_id, 0, 0.0, 0, 'replaced', coalesce(max(api), ${LOST}),
    max(calls.recipe_id), max(sending_at)
  FROM calls LEFT JOIN recipes USING (recipe_id)
  WHERE version_id NOT IN (SELECT version_id FROM versions) GROUP BY version_id
`;
/** A call counts as spending through its recipe. */
const LOST_RECIPES = `
  INSERT INTO recipes (recipe_id, hash, name, model, api)
  SELECT recipe_id, 'lost-' || recipe_id, ${LOST}, ${LOST}, max(api) FROM (
    SELECT recipe_id, api FROM versions WHERE recipe_id IS NOT NULL
    UNION ALL SELECT call_recipe_id, ${LOST} FROM versions WHERE call_recipe_id IS NOT NULL
    UNION ALL SELECT recipe_id, ${LOST} FROM calls
  ) WHERE recipe_id NOT IN (SELECT recipe_id FROM recipes) GROUP BY recipe_id
`;

/** The tables of the ledger; each refers to those before it alone. */
export const TABLES = ['recipes', 'versions', 'calls'] as const;

type Table = (typeof TABLES)[number];

/** In the order of its table's columns. */
type Row = readonly SqlValue[];

interface Column {
  readonly name: string;
  readonly type: string;
}

/** The columns of a table; none if there is no such table. */
function columnsOf(database: Database, table: Table): readonly Column[] {
  return database.prepare<Column>(`SELECT name, type FROM pragma_table_info('${table}')`).all();
}

/** Reads rows of which bytes may be wrong. Throws `DiskError` if the file cannot be read. */
interface RowReader {
  /** The rows with ids above `after`, up to `last`. */
  between(after: number, last: number): readonly Row[];
  /** One row, or none. Reads nothing beside it. */
  at(id: number): readonly Row[];
  /** The greatest id; 0 if there is no row. */
  last(): number;
}

type NumberedRow = { readonly row_id: number } & Readonly<Record<string, SqlValue | ArrayBuffer>>;

/** Leaves out rows with a text that is no UTF-8, for which the driver would end the process, and ids not asked for. */
function rowReader(database: Database, table: Table): RowReader {
  const select = `SELECT rowid AS row_id, ${columnsOf(database, table).map(readSafely).join(', ')} FROM ${table}`;
  const between = database.prepare<NumberedRow>(`${select} NOT INDEXED WHERE rowid > ? AND rowid <= ? ORDER BY rowid`);
  const single = database.prepare<NumberedRow>(`${select} NOT INDEXED WHERE rowid = ?`);
  const last = database.prepare<{ readonly id: number | null }>(`SELECT max(rowid) AS id FROM ${table} NOT INDEXED`);
  const sound = (rows: readonly NumberedRow[], first: number, end: number) =>
    rows.flatMap(({ row_id: id, ...row }) => (id >= first && id <= end ? decoded(row) : []));

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

/** Rows that are checked at once. */
const SLICE = 1000;

/** Columns that are always read as bytes. */
const BYTES: ReadonlySet<string> = new Set(['text', 'extras']);

/**
 * Whether the texts of a table are UTF-8, except those of replies. Many are read as one, in a twentieth of the time.
 *
 * @throws DiskError if the file cannot be read
 */
export function areTextsSound(database: Database, table: Table): boolean {
  const texts = columnsOf(database, table).flatMap(({ name, type }) =>
    type === 'TEXT' && !BYTES.has(name) ? [name] : [],
  );
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

/** None if a text of it is no UTF-8. */
function decoded(row: Readonly<Record<string, SqlValue | ArrayBuffer>>): Row[] {
  const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });
  const valueOf = (value: SqlValue | ArrayBuffer) =>
    typeof value === 'object' && value !== null ? decoder.decode(value) : value;
  try {
    return [Object.values(row).map(valueOf)];
  } catch {
    return [];
  }
}
