import { DiskTrouble } from '../domain/errors.ts';
import { columnsOf, type Row, rowsOf, TABLES, type Table } from './rows.ts';
import { type Database, openDatabase, type Statement } from './sqlite.ts';

/** How many rows of each table were saved. */
export type Saved = Readonly<Record<Table, number>>;

/** Takes over what can be read of a damaged ledger, row by row; what breaks a constraint is left. */
export function salvage(damagedFile: string, ledger: Database): Saved {
  const saved = { recipes: 0, versions: 0, attempts: 0, answers: 0 };
  const damaged = attempt(() => openDatabase(damagedFile));
  if (damaged === undefined) return saved;
  for (const table of TABLES) saved[table] = ledger.transaction(() => salvageTable(damaged, ledger, table));
  attempt(() => damaged.close());
  return saved;
}

/** From both ends, as far as each goes: what is damaged often lies between. */
function salvageTable(damaged: Database, ledger: Database, table: Table): number {
  const insert = insertInto(ledger, table);
  if (!copyAll(rowsOf(damaged, table, 'ASC'), insert)) copyAll(rowsOf(damaged, table, 'DESC'), insert);
  return ledger.prepare<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows ?? 0;
}

function insertInto(ledger: Database, table: Table): Statement<never> {
  const names = columnsOf(ledger, table).map(({ name }) => name);
  const values = names.map((name) => `:${name}`).join(', ');
  return ledger.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${values})`);
}

/** False where the rows could not be read to their end. */
function copyAll(rows: Iterator<Row | null, unknown>, insert: Statement<never>): boolean {
  for (;;) {
    const next = attempt(() => rows.next());
    if (next === undefined) return false;
    if (next.done === true) return true;
    if (next.value !== null) insertSound(next.value, insert);
  }
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
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
