import { type BigIntStats, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import type { Disk } from '../lib/durable-files.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Database } from './sqlite.ts';

/** Makes durable what was committed. */
export interface WalSync {
  /** Rejects with `DiskError`. */
  makeDurable(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Syncs the log of a database in WAL mode, away from the event loop, on a descriptor of its own: no lock lives on that
 * file, while closing another descriptor of the database file itself would drop the locks that SQLite holds on it. The
 * log must be there.
 */
export async function openWalSync(database: Database, file: string, disk: Disk): Promise<WalSync> {
  const log = await disk.open(`${file}-wal`, 'r+');
  const unmended = `The ledger ${file} is being read by another program, and cannot be mended: close that program.`;
  let hasFailed = false;

  return {
    makeDurable: async () => {
      if (hasFailed) {
        // The whole log goes into the database file, which SQLite then syncs: nothing depends on the log any more.
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
 * Moves the log into the database. False where a reader or a writer beside us bars that. SQLite waits for a writer that
 * is at work, and keeps others out: without a timeout it would go on beside it, which may spoil the file (see
 * `openDatabase`).
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
 * Remembers which file lies at a path, while that is open. What it returns throws `DiskError` from the moment on when
 * it finds none there, or another one: what is written then is lost, and another process may be at work. It looks
 * without opening: to close a second descriptor of a file drops the locks on it. `what` names the file in a sentence.
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

/** Says that damage showed while the ledger was in use: the next start is to look through the whole file. */
interface DamageMarker {
  isRaised(): boolean;
  raise(): void;
  clear(): void;
}

/** Keeps it as a file beside the ledger; `folder` is `.sluice/`. */
export function damageMarkerIn(folder: string): DamageMarker {
  const file = join(folder, 'ledger.db.suspect');
  return {
    isRaised: () => existsSync(file),
    raise: () => {
      try {
        writeFileSync(file, '');
      } catch {
        // The damage itself was reported; the marker only has it found again sooner.
      }
    },
    clear: () => {
      try {
        rmSync(file, { force: true });
      } catch {
        // Then the next start looks through the whole file once more.
      }
    },
  };
}

/** Throws `DiskError` where a folder stands in place of a file of ours. */
export function refuseFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new DiskError(`A folder stands where the file ${file} belongs. Move it away.`);
}
