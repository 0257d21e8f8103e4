import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { DiskError } from '../domain/errors.ts';
import { errorCode, errorMessage, orUndefined } from '../lib/errors.ts';

/** Nothing else may be given to the driver: a boolean or `undefined` ends the process. */
export type SqlValue = string | number | null;

/** In the order of the statement's `?`. */
type SqlValues = readonly SqlValue[];

/** The driver cuts a text at a NUL when it reads it: what may have one is read as a blob, by `textOf`. */
export interface Statement<Row> {
  run(values?: SqlValues): void;
  /** Runs an INSERT of one row. Returns its rowid; null if a conflict made it do nothing. */
  insert(values?: SqlValues): number | null;
  /** The first row; all are read. */
  get(values?: SqlValues): Row | undefined;
  /** The first row of a statement that always has one. */
  only(values?: SqlValues): Row;
  all(values?: SqlValues): Row[];
}

/** Everything throws `DiskError` if the disk or the file is at fault. */
export interface Database {
  /**
   * Writes run within `transaction`: a prepared write that finds the file busy would bar later commits. As `arrays` of their
   * columns, very many rows are read in four fifths of the time.
   */
  prepare<Row = never>(sql: string, rows?: 'arrays'): Statement<Row>;
  /** Runs statements; rows are dropped. */
  exec(sql: string): void;
  /** The first value that a pragma answers with. */
  pragma(source: string): SqlValue | undefined;
  /** Begins immediately; rolled back if `work` throws. */
  transaction<T>(work: () => T): T;
  /**
   * At once, with its locks, if only `exec` was used. Prepared statements, and `pragma`, keep the file open until they are
   * garbage: the driver cannot finalize them.
   */
  close(): void;
}

export interface OpenOptions {
  /** The file must be there; none is made. @default false */
  readonly readonly?: boolean;
  /** With `readonly`: no process writes to it, now or later. It needs no locks, and its log is not read. @default false */
  readonly immutable?: boolean;
  /** How long this thread waits for a lock that another process holds. @default 5000 */
  readonly busyTimeoutMs?: number;
  /** Called before an error is thrown that shows damage of the file. */
  readonly onDamage?: () => void;
}

/**
 * Opens a database file, or makes it; `:memory:` lives with the connection. The one place that knows the driver.
 *
 * The SQLite 3.45.1 in libsql 0.5.29 spoils a file if one connection checkpoints while another writes (the WAL-reset bug,
 * mended in SQLite 3.51.3). So only the process that holds the workspace checkpoints: no connection does unless it sets
 * `wal_autocheckpoint` itself. Foreign keys are not checked, as one place writes them all: that would take a seventh of a
 * document's time.
 */
export function openDatabase(file: string, options: OpenOptions = {}): Database {
  const { busyTimeoutMs = 5000, onDamage = () => undefined } = options;
  const guarded = guardOf(file, onDamage);
  const driver = guarded(() => new Libsql(addressOf(file, options), { timeout: busyTimeoutMs }));
  const exec = (sql: string) => guarded(() => void driver.exec(sql));
  exec('PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF');
  const prepare = <Row>(sql: string, rows?: 'arrays'): Statement<Row> =>
    prepareStatement<Row>(driver, sql, guarded, rows);

  return {
    prepare,
    exec,
    pragma: (source) => Object.values(prepare<Record<string, SqlValue>>(`PRAGMA ${source}`).get() ?? {})[0],
    transaction: (work) => {
      exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        exec('COMMIT');
        return result;
      } catch (error) {
        // It fails if SQLite has rolled back already.
        orUndefined(() => driver.exec('ROLLBACK'));
        throw error;
      }
    },
    close: () => guarded(() => void driver.close()),
  };
}

/** What `CAST(column AS BLOB)` gives, as the text that was written. */
export function textOf(blob: ArrayBuffer): string {
  return Buffer.from(blob).toString('utf8');
}

/** The driver ignores its own option `readonly`; SQLite reads it from a URI. */
function addressOf(file: string, { readonly = false, immutable = false }: OpenOptions): string {
  if (file === ':memory:') return file;
  return readonly ? `${pathToFileURL(file).href}?mode=ro${immutable ? '&immutable=1' : ''}` : resolve(file);
}

/** The driver's statement with typed rows, without its `get`, which keeps failing after one error. */
interface DriverStatement<Row> {
  run(values: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
  all(values: readonly SqlValue[]): Row[];
  raw(): void;
}

/** Values go in one array: the driver takes a lone null for named values. */
function prepareStatement<Row>(driver: Libsql.Database, sql: string, guarded: Guard, rows?: 'arrays'): Statement<Row> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL beside it says what its rows are
  const statement = guarded(() => driver.prepare(sql) as unknown as DriverStatement<Row>);
  if (rows === 'arrays') statement.raw();
  const all = (values: SqlValues = []) => guarded(() => statement.all(values));
  return {
    run: (values = []) => guarded(() => void statement.run(values)),
    insert: (values = []) => {
      const { changes, lastInsertRowid } = guarded(() => statement.run(values));
      return changes === 0 ? null : lastInsertRowid;
    },
    get: (values = []) => all(values)[0],
    only: (values = []) => {
      const [row] = all(values);
      if (row === undefined) throw new Error(`no row of: ${sql}`);
      return row;
    },
    all,
  };
}

type Guard = <T>(work: () => T) => T;

function guardOf(file: string, onDamage: () => void): Guard {
  return (work) => {
    try {
      return work();
    } catch (error) {
      const known = sqliteError(error, file);
      if (isDamage(known)) onDamage();
      throw known;
    }
  };
}

const DAMAGED = 'is damaged. Start sluice again: it moves the file aside and saves what can be read of it';

/** By SQLite's primary result code, https://sqlite.org/rescode.html. Other codes are mistakes of ours. */
const KINDS: ReadonlyMap<number, { readonly code: string; readonly sentence: string }> = new Map([
  [3, { code: 'SQLITE_PERM', sentence: 'may not be used: make it and its folder readable and writable' }],
  [5, { code: 'SQLITE_BUSY', sentence: 'is held by another program: close what has it open' }],
  [6, { code: 'SQLITE_LOCKED', sentence: 'is held by another program: close what has it open' }],
  [8, { code: 'SQLITE_READONLY', sentence: 'cannot be written: make it and its folder writable' }],
  [10, { code: 'SQLITE_IOERR', sentence: 'met an error of the disk: see what the system log says of it' }],
  [11, { code: 'SQLITE_CORRUPT', sentence: DAMAGED }],
  [13, { code: 'SQLITE_FULL', sentence: 'finds its disk full: make room' }],
  [14, { code: 'SQLITE_CANTOPEN', sentence: 'cannot be opened: see that its folder is there, readable and writable' }],
  [26, { code: 'SQLITE_NOTADB', sentence: DAMAGED }],
]);

/** What the driver threw, as a `DiskError` whose cause has SQLite's code; unchanged if the disk has no part in it. */
function sqliteError(error: unknown, file: string): unknown {
  const kind = KINDS.get(primaryCode(error));
  if (kind === undefined) return error;
  const cause = { code: errorCode(error) || kind.code, message: errorMessage(error) };
  return new DiskError(`The ledger ${file} ${kind.sentence} (${cause.code}: ${cause.message}).`, { cause });
}

/** For damage that is found otherwise than by SQLite's own errors. */
export function damageOf(file: string, message: string): DiskError {
  const cause = { code: 'SQLITE_CORRUPT', message };
  return new DiskError(`The ledger ${file} ${DAMAGED} (${message}).`, { cause });
}

/** Whether the file is no database, or a malformed one. */
export function isDamage(error: unknown): error is DiskError {
  return hasCode(error, 'SQLITE_CORRUPT') || hasCode(error, 'SQLITE_NOTADB');
}

/** Whether another connection has the lock. */
export function isBusy(error: unknown): boolean {
  return hasCode(error, 'SQLITE_BUSY');
}

/** Whether SQLite could not open the file, or one that it needs beside it. */
export function isUnopenable(error: unknown): boolean {
  return hasCode(error, 'SQLITE_CANTOPEN');
}

/** Extended codes begin with the primary one. */
function hasCode(error: unknown, code: string): error is DiskError {
  return error instanceof DiskError && errorCode(error.cause).startsWith(code);
}

/** An error of opening has its code in its message alone: `Unable to open connection to local database …: 14`. */
function primaryCode(error: unknown): number {
  if (typeof error === 'object' && error !== null && 'rawCode' in error && typeof error.rawCode === 'number')
    return error.rawCode & 0xff;
  const [, code] = /^ConnectionFailed\(".*: (\d+)"\)$/s.exec(errorMessage(error)) ?? [];
  return Number(code) & 0xff;
}
