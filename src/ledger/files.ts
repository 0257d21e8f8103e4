import { type BigIntStats, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { type Disk, realDisk, syncPath } from '../lib/durable-files.ts';
import { errorMessage, orUndefined } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Database } from './sqlite.ts';

/** Makes durable what was committed. */
export interface WalSync {
  /** Rejects with `DiskError`. */
  makeDurable(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Syncs the log of a database in WAL mode, away from the event loop, on a descriptor of its own: SQLite holds no locks on that
 * file, while to close another descriptor of the database would drop its locks. The log must be there.
 */
export async function openWalSync(database: Database, file: string, disk: Disk): Promise<WalSync> {
  const log = await disk.open(`${file}-wal`, 'r+');
  const unmended = `The ledger ${file} is being read by another program, and cannot be repaired: close that program.`;
  let hasFailed = false;

  return {
    makeDurable: async () => {
      if (hasFailed) {
        // The whole log goes into the database, which SQLite syncs: nothing depends on the log any more.
        if (!moveLog(database)) throw new DiskError(unmended);
        hasFailed = false;
        return;
      }
      try {
        await disk.datasync(log);
      } catch (error) {
        // After a sync that failed, the system may have dropped the pages and call the next one a success.
        hasFailed = true;
        throw new DiskError(`The ledger ${file} could not be made durable: ${errorMessage(error)}`, { cause: error });
      }
    },
    close: () => disk.close(log),
  };
}

/** Longer than a transaction of `sluice retry` takes. */
const CHECKPOINT_PATIENCE_MS = 250;

/**
 * Moves the log into the database. False if another reader or writer bars that. SQLite waits for a writer, and keeps others
 * out: without a timeout it would go on beside it, which may spoil the file (see `openDatabase`).
 */
export function moveLog(database: Database): boolean {
  database.exec(`PRAGMA busy_timeout = ${CHECKPOINT_PATIENCE_MS}`);
  try {
    return database.pragma('wal_checkpoint(TRUNCATE)') === 0;
  } finally {
    database.exec('PRAGMA busy_timeout = 0');
  }
}

/**
 * Remembers which file lies at a path, while that is open. What it returns throws `DiskError` once it finds none there, or
 * another one: what is written then is lost, and another process may be at work. It does not open the file: to close a second
 * descriptor drops the locks on it. `what` names the file in a sentence.
 */
export function rememberFile(path: string, what: string): () => void {
  const before = statsOf(path, what);
  let isLost = false;

  return () => {
    const now = statsOf(path, what);
    // As long as the first is open, no other file gets its inode.
    isLost ||= before === undefined || before.dev !== now?.dev || before.ino !== now.ino;
    if (!isLost) return;
    throw new DiskError(
      `${what} ${path} is gone or another one lies there: stop this process; until then it asks nothing more, as no later run would know of it.`,
    );
  };
}

function statsOf(path: string, what: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw new DiskError(`${what} ${path} cannot be looked at: ${errorMessage(error)}`, { cause: error });
  }
}

/** A file beside the ledger says that damage showed: the next start looks through the whole ledger. `folder` is `.sluice/`. */
export function damageMarkerIn(folder: string) {
  const file = join(folder, 'ledger.db.suspect');
  return {
    isRaised: () => existsSync(file),
    // The damage itself was reported: without the marker it is only found later.
    raise: () => orUndefined(() => writeFileSync(file, '')),
    // A marker that stays costs one more look through the whole file.
    clear: () => orUndefined(() => rmSync(file, { force: true })),
  };
}

/** When the `--redo all` began that was stopped before its end (ISO 8601, UTC); null if none was. `folder` is `.sluice/`. */
export function unfinishedRedo(folder: string): string | null {
  const mark = parseJson(orUndefined(() => readFileSync(redoMarkIn(folder), 'utf8')) ?? '');
  const since = isRecord(mark) ? mark['since'] : undefined;
  return typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : null;
}

/** Remembers, before its first call, that a `--redo all` began. Rejects with DiskError. */
export async function markRedo(folder: string, since: string): Promise<void> {
  const file = redoMarkIn(folder);
  try {
    await writeFile(`${file}.tmp`, `${JSON.stringify({ since })}\n`);
    await syncPath(realDisk, `${file}.tmp`);
    await rename(`${file}.tmp`, file);
    await syncPath(realDisk, folder);
  } catch (error) {
    throw new DiskError(`${file} cannot be written: ${errorMessage(error)}`, { cause: error });
  }
}

/** The `--redo all` asked everything. A mark that stays costs one look more: what it asked is not asked again. */
export function unmarkRedo(folder: string): void {
  orUndefined(() => rmSync(redoMarkIn(folder), { force: true }));
}

function redoMarkIn(folder: string): string {
  return join(folder, 'redo-all.json');
}

/** Throws `DiskError` if a folder stands in place of a file of ours. */
export function refuseFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new DiskError(`A folder stands where the file ${file} belongs. Move it away.`);
}
