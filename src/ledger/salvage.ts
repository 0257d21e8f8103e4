import { DiskTrouble } from '../domain/errors.ts';
import { columnsOf, type Row, type RowReader, rowReader, TABLES, type Table } from './rows.ts';
import { type Database, openDatabase, type Statement } from './sqlite.ts';
import { addStandIns } from './stand-ins.ts';

/** How many rows of each table were saved. */
export type Saved = Readonly<Record<Table, number>>;

/** Rows that are asked for at once. */
const WINDOW = 64;

/** A table ends where so many ids in a row give nothing: one bad page of its tree hides fewer. */
const NOTHING_MORE = 10_000;

/** Takes over all that can be read of a damaged ledger; what rows refer to and is lost, others stand in for. */
export function salvage(damagedFile: string, ledger: Database): Saved {
  const saved = { recipes: 0, versions: 0, attempts: 0, answers: 0, replies: 0 };
  const damaged = tryTo(() => openDatabase(damagedFile));
  if (damaged === undefined) return saved;
  ledger.transaction(() => {
    // Only at the end has every row what it refers to.
    ledger.exec('PRAGMA defer_foreign_keys = ON');
    for (const table of TABLES) saved[table] = salvageTable(damaged, ledger, table);
    addStandIns(ledger);
  });
  tryTo(() => damaged.close());
  return saved;
}

function salvageTable(damaged: Database, ledger: Database, table: Table): number {
  const reader = tryTo(() => rowReader(damaged, table));
  if (reader !== undefined) insertAll(readableRows(reader), insertInto(ledger, damaged, table));
  return ledger.prepare<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows ?? 0;
}

function* readableRows(reader: RowReader): Generator<Row> {
  const claimedLast = tryTo(() => reader.last()) ?? Number.POSITIVE_INFINITY;
  let found = 0;
  for (let after = 0; after - found < NOTHING_MORE; after += WINDOW) {
    const rows = readWindow(reader, after, after < claimedLast);
    if (rows.length > 0) found = after + WINDOW;
    yield* rows;
  }
}

/** Of a window with damage, and of one where `isFull` is hoped for in vain (damage may end it early), each row by itself. */
function readWindow(reader: RowReader, after: number, isFull: boolean): readonly Row[] {
  const rows = tryTo(() => reader.between(after, after + WINDOW));
  if (rows !== undefined && (rows.length === WINDOW || !isFull)) return rows;
  const single = Array.from({ length: WINDOW }, (_, index) => tryTo(() => reader.at(after + index + 1)) ?? []);
  return [...single.flat(), ...(rows ?? [])];
}

function insertAll(rows: Iterable<Row>, insert: Statement<never>): void {
  for (const row of rows) insertSound(row, insert);
}

/** What breaks a constraint, or is there already, is left. The damaged one may be older, and have fewer columns. */
function insertInto(ledger: Database, damaged: Database, table: Table): Statement<never> {
  const names = columnsOf(damaged, table).map(({ name }) => name);
  const values = names.map((name) => `:${name}`).join(', ');
  return ledger.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${values})`);
}

/** The trouble of the new ledger's own disk is not to be passed over. */
function insertSound(row: Row, insert: Statement<never>): void {
  try {
    insert.run(row);
  } catch (error) {
    if (error instanceof DiskTrouble) throw error;
  }
}

/** What a damaged file refuses is what cannot be saved. */
function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
