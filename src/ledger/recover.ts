import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Disk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { refuseFolder } from './files.ts';
import { areTextsSound, type Saved, salvage, TABLES } from './salvage.ts';
import { migrate, stepsTaken } from './schema.ts';
import { type Database, damageOf, isDamage, openDatabase } from './sqlite.ts';

interface SoundDatabase {
  readonly database: Database;
  /** What a person should know of it, a sentence each. */
  readonly warnings: readonly string[];
}

export interface SoundSettings {
  /** True to look through the whole file. */
  readonly check: boolean;
  readonly now: () => Date;
  readonly disk: Disk;
  /** Damage showed after it was opened. */
  readonly onDamage: () => void;
}

/** Of the files that SQLite reads together: its log, the index of that, and the database. */
const SUFFIXES = ['-wal', '-shm', ''];

/** 4 MB of log before it is moved into the database: see docs/ledger.md for what other sizes cost. */
const CHECKPOINT_PAGES = 1000;

/** `openWalSync` syncs the log after a commit, away from the thread: `synchronous` leaves that out. The read makes the log. */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  SELECT count(*) FROM sqlite_schema;
`;

/** Opens the ledger's file in the newest schema. A damaged one is moved aside, and what can be read of it is taken over. */
export async function openSound(file: string, settings: SoundSettings): Promise<SoundDatabase> {
  const marker = markerOf(file);
  if (existsSync(marker)) return rebuild(file, readFileSync(marker, 'utf8'), 'rebuilding it was cut off', settings);
  try {
    if (!existsSync(file) || existsSync(creatingMarkerOf(file))) return create(file, settings);
    return { database: openWhole(file, settings), warnings: [] };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${file}.damaged-${settings.now().toISOString().replaceAll(':', '-')}`;
    return rebuild(file, aside, errorMessage(error.cause), settings);
  }
}

/** A marker stands beside it until it is whole: an empty ledger without one has lost what was in it. */
function create(file: string, settings: SoundSettings): SoundDatabase {
  const marker = creatingMarkerOf(file);
  writeFileSync(marker, '');
  if (existsSync(file) && statSync(file).size === 0)
    for (const suffix of SUFFIXES) rmSync(`${file}${suffix}`, { force: true });
  const database = openWhole(file, settings);
  rmSync(marker);
  return { database, warnings: [] };
}

function openWhole(file: string, { check, onDamage }: SoundSettings): Database {
  refuseFolder(file);
  if (existsSync(file) && statSync(file).size === 0) throw damageOf(file, 'it is empty');
  const database = openDatabase(file, { onDamage });
  try {
    const taken = stepsTaken(database, file);
    database.exec(PRAGMAS);
    migrate(database, taken);
    if (check) requireWhole(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function requireWhole(database: Database, file: string): void {
  const found = database.pragma('quick_check(1)');
  if (found !== 'ok') throw damageOf(file, String(found));
  for (const table of TABLES)
    if (!areTextsSound(database, table)) throw damageOf(file, `a text in ${table} is no UTF-8`);
}

/** A marker names the place of the damaged file until all is saved: if the process dies, the next start goes on. */
async function rebuild(file: string, aside: string, why: string, settings: SoundSettings): Promise<SoundDatabase> {
  writeFileSync(markerOf(file), aside);
  // What lies in the ledger's place then is half rebuilt.
  if (existsSync(aside)) for (const suffix of SUFFIXES) rmSync(`${file}${suffix}`, { force: true });
  else await moveAside(file, aside, settings.disk);
  const database = openWhole(file, { ...settings, check: false });
  const saved = salvage(aside, database);
  database.pragma('wal_checkpoint(TRUNCATE)');
  rmSync(markerOf(file));
  return { database, warnings: [warningOf(file, aside, why, saved)] };
}

/** The database last: once it lies aside, all does. */
async function moveAside(file: string, aside: string, disk: Disk): Promise<void> {
  for (const suffix of SUFFIXES) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    await disk.rename(`${file}${suffix}`, `${aside}${suffix}`).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
}

function creatingMarkerOf(file: string): string {
  return `${file}.creating`;
}

function markerOf(file: string): string {
  return `${file}.rebuilding`;
}

function warningOf(file: string, aside: string, why: string, saved: Saved): string {
  return [
    `THE LEDGER WAS DAMAGED (${why}) and a new one was begun.`,
    `The old file is ${basename(aside)}, beside ${file}.`,
    `Saved of it: ${saved.versions} document versions, ${saved.attempts} attempts, ${saved.answers} answers.`,
    'Results in the outbox count as done; what was spent before may be told too low.',
  ].join(' ');
}
