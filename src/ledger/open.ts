import { join } from 'node:path';
import { DiskError, UsageError } from '../domain/errors.ts';
import { type SyncDisk, syncDisk, UNSYNCABLE } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { createLedger, type OpenLedger } from './ledger.ts';
import { migrate } from './migrations.ts';
import { openSound } from './recover.ts';
import { type Database, isDamage, openDatabase, type SqlValue } from './sqlite.ts';
import { openWalSync, rememberFile, suspicionIn, type WalSync } from './wal-sync.ts';

export interface FileLedger extends OpenLedger {
  /** What a person should be told of opening it, a sentence each. */
  readonly warnings: readonly string[];
  /** Waits for what is being written, and leaves everything in `ledger.db`. */
  close(): Promise<void>;
}

interface OpenLedgerSettings {
  /** @default the time of day */
  readonly now?: () => Date;
  /** True where the process before this one did not let go: then the whole file is looked through. @default false */
  readonly diedBefore?: boolean;
  /** Asked before each write, which is refused where it throws. @default nobody else comes */
  readonly requireHeld?: () => void;
  /** @default the real one */
  readonly disk?: SyncDisk;
}

/**
 * Opens the ledger of a workspace for the one process that works on it; `folder` is its `.sluice/`, made if missing.
 *
 * @throws UsageError where a newer version of the program wrote it
 * @throws DiskError
 */
export async function openLedger(folder: string, settings: OpenLedgerSettings = {}): Promise<FileLedger> {
  const { now = () => new Date(), diedBefore = false, requireHeld = () => undefined, disk = syncDisk } = settings;
  const file = join(folder, 'ledger.db');
  const suspicion = suspicionIn(folder);
  const open = (check: boolean) =>
    troubled(file, () => openFile(file, { folder, check, now, disk, requireHeld, onDamage: () => suspicion.raise() }));

  await troubled(file, () => disk.makeFolder(folder));
  const check = diedBefore || suspicion.isRaised();
  const ledger = await open(check).catch((error: unknown) => {
    if (check || !isDamage(error)) throw error;
    return open(true);
  });
  suspicion.clear();
  return ledger;
}

/** A ledger that forgets with the process: a trial leaves no trace. */
export function openMemoryLedger(now: () => Date = () => new Date()): FileLedger {
  const database = openDatabase(':memory:');
  migrate(database);
  const ledger = createLedger(database, { now, makeDurable: () => Promise.resolve(), gapMs: 0 });
  return { ...ledger, warnings: [], close: () => ledger.idle().then(() => database.close()) };
}

interface OpenFileSettings {
  readonly folder: string;
  readonly check: boolean;
  readonly now: () => Date;
  readonly disk: SyncDisk;
  readonly requireHeld: () => void;
  readonly onDamage: () => void;
}

/** What it wrote while opening is durable when it resolves, and so are the names of its files. */
async function openFile(file: string, settings: OpenFileSettings): Promise<FileLedger> {
  const { folder, now, disk } = settings;
  const { database, warnings } = await openSound(file, settings);
  try {
    const imported = await importOldState(database, settings);
    const log = await openWalSync(database, file, disk);
    try {
      const requireFile = rememberFile(file, 'The ledger');
      const ledger = createLedger(guarded(database, requireFile, settings.requireHeld), {
        now,
        makeDurable: () => log.makeDurable(),
      });
      // From here on it waits for other processes away from the event loop.
      database.exec('PRAGMA busy_timeout = 0');
      await log.makeDurable();
      await syncFolder(folder, disk);
      await imported();
      return { ...ledger, warnings, close: () => troubled(file, () => close(ledger, database, log)) };
    } catch (error) {
      await log.close();
      throw error;
    }
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Nothing is written for a file that nobody will find, nor beside another process. */
function guarded(database: Database, ...required: readonly (() => void)[]): Database {
  return {
    ...database,
    transaction: (work) => {
      for (const require of required) require();
      return database.transaction(work);
    },
  };
}

/** Resolves to what is to be done when that is durable: the old file is out of the way then. */
async function importOldState(database: Database, settings: OpenFileSettings): Promise<() => Promise<void>> {
  const { folder, now, disk } = settings;
  const old = join(folder, 'state.jsonl');
  const content = await disk.read(old).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (content === null) return () => Promise.resolve();
  importState(database, content.toString('utf8'), now());
  return () => disk.rename(old, `${old}.imported`);
}

async function syncFolder(folder: string, disk: SyncDisk): Promise<void> {
  try {
    const handle = await disk.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!UNSYNCABLE.has(errorCode(error))) throw error;
  }
}

async function close(ledger: OpenLedger, database: Database, log: WalSync): Promise<void> {
  await ledger.idle();
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // A reader beside us, or a full disk, may bar it: the log is durable as it is, and is read at the next start.
    if (!(error instanceof DiskError)) throw error;
  } finally {
    database.close();
    await log.close();
  }
}

async function troubled<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What the system refuses has a code; a mistake of the program has none, and is told as one.
    if (error instanceof DiskError || error instanceof UsageError || errorCode(error) === '') throw error;
    throw new DiskError(`The ledger ${file} refuses: ${errorMessage(error)}`, { cause: error });
  }
}

/** Documents that the ledger knows already are left as they are. */
const INSERT = `
  INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, updated_at)
  SELECT :document, :sha256, :size, :mtimeMs, 1, :state, :api, :now
  WHERE NOT EXISTS (SELECT 1 FROM versions WHERE document = :document)
`;

type State = Readonly<Record<'sha256' | 'size' | 'mtimeMs' | 'state' | 'api', SqlValue>>;

/**
 * Takes over what the first version of the program kept in `state.jsonl`: a line per change of a document, of which the
 * last one counts; one with an id alone forgets it. Lines that are damaged are passed over.
 */
function importState(database: Database, content: string, now: Date): void {
  const states = new Map<string, State | null>();
  for (const line of content.split('\n')) readLine(line, states);
  const insert = database.prepare(INSERT);
  database.transaction(() => {
    for (const [document, state] of states)
      if (state !== null) insert.run({ document, ...state, now: now.toISOString() });
  });
}

function readLine(line: string, states: Map<string, State | null>): void {
  const fields = parseJson(line);
  if (!isRecord(fields) || typeof fields['id'] !== 'string') return;
  const { id, state, size, mtimeMs, sha256, api } = fields;
  if (state === undefined) states.set(id, null);
  if (state !== 'done' && state !== 'failed') return;
  if (typeof size !== 'number' || typeof mtimeMs !== 'number' || typeof api !== 'string') return;
  if (typeof sha256 === 'string' || sha256 === null)
    states.set(id, { sha256: sha256 ?? '', size, mtimeMs, state, api });
}
