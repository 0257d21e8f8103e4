import { DiskTrouble, errorCode, errorMessage } from '../domain/errors.ts';

interface Kind {
  readonly code: string;
  /** What it means, and what a person can do. */
  readonly sentence: string;
}

const DAMAGED = 'is damaged. Start sluice again: it moves the file aside and saves what can be read of it';

/** By SQLite's primary result code, https://sqlite.org/rescode.html. What is not here is a mistake of ours. */
const KINDS: ReadonlyMap<number, Kind> = new Map([
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

/** What the driver threw as `DiskTrouble`, whose cause carries SQLite's code; as it is where the disk has no part in it. */
export function sqliteTrouble(error: unknown, file: string): unknown {
  const kind = KINDS.get(primaryCode(error));
  if (kind === undefined) return error;
  const cause = { code: errorCode(error) || kind.code, message: errorMessage(error) };
  return new DiskTrouble(`The ledger ${file} ${kind.sentence} (${cause.code}: ${cause.message}).`, { cause });
}

/** For damage that is found otherwise than by SQLite's own errors. */
export function damageOf(file: string, message: string): DiskTrouble {
  const cause = { code: 'SQLITE_CORRUPT', message };
  return new DiskTrouble(`The ledger ${file} ${DAMAGED} (${message}).`, { cause });
}

/** Whether the file is no database, or a malformed one. */
export function isDamage(error: unknown): error is DiskTrouble {
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

/** Extended codes begin like theirs. */
function hasCode(error: unknown, code: string): error is DiskTrouble {
  return error instanceof DiskTrouble && errorCode(error.cause).startsWith(code);
}

/** An error of opening carries its code in its message alone: `Unable to open connection to local database …: 14`. */
function primaryCode(error: unknown): number {
  if (typeof error === 'object' && error !== null && 'rawCode' in error && typeof error.rawCode === 'number')
    return error.rawCode & 0xff;
  const [, code] = /^ConnectionFailed\(".*: (\d+)"\)$/s.exec(errorMessage(error)) ?? [];
  return Number(code) & 0xff;
}
