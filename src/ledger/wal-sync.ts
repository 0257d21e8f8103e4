import { DiskTrouble, errorMessage } from '../domain/errors.ts';
import type { SyncDisk } from './disk.ts';
import type { Database } from './sqlite.ts';

/** Makes durable what was committed. */
export interface WalSync {
  /** Rejects with `DiskTrouble`. */
  makeDurable(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Syncs the log of a database in WAL mode, away from the event loop, on a descriptor of its own: no lock lives on that
 * file, while closing another descriptor of the database file itself would drop the locks that SQLite holds on it. The
 * log must be there.
 */
export async function openWalSync(database: Database, file: string, disk: SyncDisk): Promise<WalSync> {
  const log = await disk.open(`${file}-wal`, 'r+');
  let isDoubtful = false;

  return {
    makeDurable: async () => {
      if (isDoubtful) {
        checkpoint(database, file);
        isDoubtful = false;
        return;
      }
      try {
        await log.datasync();
      } catch (error) {
        // After a sync that failed, the system may have dropped the pages and call the next one a success.
        isDoubtful = true;
        throw new DiskTrouble(`The ledger ${file} could not be made durable: ${errorMessage(error)}`, { cause: error });
      }
    },
    close: () => log.close(),
  };
}

/** Moves the whole log into the database file, which SQLite then syncs: nothing depends on the log any more. */
function checkpoint(database: Database, file: string): void {
  const busy = database.pragma('wal_checkpoint(TRUNCATE)');
  if (busy === 0) return;
  throw new DiskTrouble(
    `The ledger ${file} is being read by another program, and cannot be mended: close that program.`,
  );
}
