import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { type Disk, makeFolder, realDisk, syncPath } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { damageMarkerIn, moveLog, openWalSync, rememberFile, type WalSync } from './files.ts';
import { createLedger, type OpenLedger } from './ledger.ts';
import { openSound, type SoundSettings } from './recover.ts';
import { migrate } from './schema.ts';
import { type Database, isDamage, openDatabase } from './sqlite.ts';

export interface FileLedger extends OpenLedger {
  /** What a person should know of how it was opened, a sentence each. */
  readonly warnings: readonly string[];
  /** Waits for what is being written, and leaves everything in `ledger.db`. */
  close(): Promise<void>;
}

interface OpenLedgerSettings {
  /** @default the time of day */
  readonly now?: () => Date;
  /** True if the process before this one died: then the whole file is looked through. @default false */
  readonly diedBefore?: boolean;
  /** Called before each write, which is refused if it throws. @default no other process comes */
  readonly requireHeld?: () => void;
  /** @default the real one */
  readonly disk?: Disk;
}

/**
 * Opens the ledger of a workspace for the one process that works on it; `folder` is its `.sluice/`, made if missing.
 *
 * @throws DiskError, also if another version of the program wrote it
 */
export async function openLedger(folder: string, settings: OpenLedgerSettings = {}): Promise<FileLedger> {
  const { now = () => new Date(), diedBefore = false, requireHeld = () => undefined, disk = realDisk } = settings;
  const file = join(folder, 'ledger.db');
  const marker = damageMarkerIn(folder);
  const open = (check: boolean) =>
    inWords(file, () => openFile(file, { folder, check, now, disk, requireHeld, onDamage: () => marker.raise() }));

  await inWords(file, () => makeFolder(disk, folder, (parent) => syncPath(disk, parent)));
  const check = diedBefore || marker.isRaised();
  const ledger = await open(check).catch((error: unknown) => {
    if (check || !isDamage(error)) throw error;
    return open(true);
  });
  marker.clear();
  return ledger;
}

/** A ledger in memory: a trial leaves no trace. */
export function openMemoryLedger(now: () => Date = () => new Date()): FileLedger {
  const database = openDatabase(':memory:');
  migrate(database, 0);
  const ledger = createLedger(database, { now, makeDurable: () => Promise.resolve(), gapMs: 0 });
  return { ...ledger, warnings: [], close: () => ledger.idle().then(() => database.close()) };
}

/** When it resolves, what it wrote while opening is durable, and so are the names of its files. */
async function openFile(
  file: string,
  settings: SoundSettings & { readonly folder: string; readonly requireHeld: () => void },
): Promise<FileLedger> {
  const { folder, now, disk } = settings;
  const { database, warnings } = await openSound(file, settings);
  try {
    const log = await openWalSync(database, file, disk);
    try {
      const requireFile = rememberFile(file, 'The ledger');
      const ledger = createLedger(guarded(database, requireFile, settings.requireHeld), {
        now,
        makeDurable: () => log.makeDurable(),
      });
      // From here on the group commit waits for other processes, away from the event loop.
      database.exec('PRAGMA busy_timeout = 0');
      await log.makeDurable();
      await syncPath(disk, folder);
      return { ...ledger, warnings, close: () => inWords(file, () => close(ledger, database, log)) };
    } catch (error) {
      await log.close();
      throw error;
    }
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Writes nothing to a file that no later run will find, nor beside another process that holds the workspace. */
function guarded(database: Database, requireFile: () => void, requireHeld: () => void): Database {
  return {
    ...database,
    transaction: (work) => {
      requireFile();
      requireHeld();
      return database.transaction(work);
    },
  };
}

async function close(ledger: OpenLedger, database: Database, log: WalSync): Promise<void> {
  await ledger.idle();
  try {
    moveLog(database);
  } catch (error) {
    // A full disk may bar it: the log is durable, and the next start reads it.
    if (!(error instanceof DiskError)) throw error;
  } finally {
    database.close();
    await log.close();
  }
}

async function inWords<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What the system refuses has a code; a mistake of the program has none, and is shown as it is.
    if (error instanceof DiskError || errorCode(error) === '') throw error;
    throw new DiskError(`The ledger ${file} refuses: ${errorMessage(error)}`, { cause: error });
  }
}
