import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DiskError, WorkspaceTakenError } from '../domain/errors.ts';
import { SHAPING_KEYS, type ShapingOptions } from '../domain/options.ts';
import { errorMessage } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { masked, timeInWords } from '../lib/text.ts';
import { rememberFile } from './files.ts';
import { type Database, isBusy, isDamage, openDatabase } from './sqlite.ts';

/** A look by `holderOf` ends within a moment; a process that works on the workspace does not. */
const BUSY_TIMEOUT_MS = 1000;

export interface LockSettings {
  /** @default the time of day */
  readonly now?: () => Date;
  /** The arguments that the program was started with, for people to see. */
  readonly commandLine: readonly string[];
}

/** The right to work on a workspace. The system frees it when the process dies, however it dies. */
export interface WorkspaceLock {
  /** The process before this one did not let go: it died. */
  readonly diedBefore: boolean;
  /** Throws `DiskError` once the locked file is gone: another process may have the workspace then. */
  readonly requireHeld: () => void;
  /** Tells others with which options it works. Rejects with `DiskError`. */
  tell(options: ShapingOptions): Promise<void>;
  /** Leaves what another process has put there since. */
  release(): Promise<void>;
}

/**
 * Makes this process the one that works on a workspace; `folder` is its `.sluice/`, made if missing. The lock is an exclusive
 * transaction on `lock.db`. Nothing else in the process may open that file: to close it would drop the lock.
 *
 * @throws WorkspaceTakenError that names the process which has it
 * @throws DiskError if the disk cannot lock, or cannot be written to
 */
export async function lockWorkspace(folder: string, settings: LockSettings): Promise<WorkspaceLock> {
  const { now = () => new Date(), commandLine } = settings;
  await inWords(folder, () => mkdir(folder, { recursive: true }));
  const database = await inWords(folder, () => takeLock(folder));
  try {
    const requireHeld = rememberFile(join(folder, 'lock.db'), 'The lock');
    const diedBefore = existsSync(fileIn(folder));
    const holder = holderNow(now(), commandLine);
    const tell = (options: ShapingOptions | null): Promise<void> =>
      inWords(folder, () => writeHolder(fileIn(folder), { ...holder, options: options && shapingOf(options) }));
    await tell(null);
    return { diedBefore, requireHeld, tell, release: () => release(folder, database, requireHeld) };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function takeLock(folder: string): Promise<Database> {
  try {
    return beginAgain(join(folder, 'lock.db'));
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new WorkspaceTakenError(takenBy(await readHolder(folder), folder), { cause: error });
  }
}

/** Nothing is kept in the file: one that is no database is made again, and no process can hold it. */
function beginAgain(file: string): Database {
  try {
    return begin(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    rmSync(file, { force: true });
    return begin(file);
  }
}

function begin(file: string): Database {
  const database = openDatabase(file, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** In this order: a holder without a lock would look like a process that died. */
async function release(folder: string, database: Database, requireHeld: () => void): Promise<void> {
  try {
    if (isHeld(requireHeld)) await inWords(folder, () => rm(fileIn(folder), { force: true }));
  } finally {
    database.exec('ROLLBACK');
    database.close();
  }
}

function takenBy(holder: Holder | null, folder: string): string {
  const advice = 'One works there at a time: stop it, or name another folder with --root (with ask: --out).';
  // A file system without locks (some network shares) looks the same as a lock that is taken.
  if (holder === null) return `Another process works on ${dirname(folder)}, or its disk knows no locks. ${advice}`;
  const { pid, host, since, command } = holder;
  return `Process ${pid} on ${host} (${command}) works on ${dirname(folder)}, since ${timeInWords(Date.parse(since))}. ${advice}`;
}

async function inWords<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkspaceTakenError) throw error;
    throw new DiskError(`The workspace ${dirname(folder)} cannot be locked: ${errorMessage(error)}`, { cause: error });
  }
}

function isHeld(requireHeld: () => void): boolean {
  try {
    requireHeld();
    return true;
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
}

/** The process that works on a workspace, as `holder.json` in its `.sluice/` names it. */
export interface Holder {
  readonly pid: number;
  /** The machine's name, or the container's. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The arguments that it was started with. */
  readonly command: string;
  /** Null if it has not told them: it just began, or is of an older version. */
  readonly options: ShapingOptions | null;
}

/**
 * Who works on the workspace now; null if no process does, or if it is not known yet. `folder` is its `.sluice/`. Not for the
 * process that holds it.
 *
 * @throws DiskError
 */
export async function holderOf(folder: string): Promise<Holder | null> {
  return isLocked(join(folder, 'lock.db')) ? readHolder(folder) : null;
}

/** Takes a shared lock for a moment; a process that is about to hold the workspace waits for it. */
function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const database = openDatabase(file, { readonly: true, busyTimeoutMs: 0 });
    try {
      database.exec('BEGIN; SELECT count(*) FROM sqlite_schema; COMMIT');
    } finally {
      database.close();
    }
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    // What is no database cannot be held; the next start makes it again.
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Null if no process has the workspace, or it has not said so yet. */
async function readHolder(folder: string): Promise<Holder | null> {
  const fields = parseJson(await readFile(fileIn(folder), 'utf8').catch(() => ''));
  if (!isRecord(fields)) return null;
  const { pid, host, since, command, options } = fields;
  return typeof pid === 'number' && typeof host === 'string' && typeof since === 'string' && typeof command === 'string'
    ? { pid, host, since, command, options: toldOptions(options) }
    : null;
}

function shapingOf(options: ShapingOptions): ShapingOptions {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has all of the keys
  return Object.fromEntries(SHAPING_KEYS.map((key) => [key, options[key]])) as unknown as ShapingOptions;
}

/** As this version would tell them; null of one that knows others. */
function toldOptions(told: unknown): ShapingOptions | null {
  if (!isRecord(told) || SHAPING_KEYS.some((key) => told[key] === undefined)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `writeHolder` writes it
  return told as unknown as ShapingOptions;
}

/** Whole or not at all, also to a reader that comes at the same time. */
async function writeHolder(file: string, holder: Holder): Promise<void> {
  await writeFile(`${file}.tmp`, `${JSON.stringify(holder)}\n`);
  await rename(`${file}.tmp`, file);
}

function holderNow(now: Date, commandLine: readonly string[]): Omit<Holder, 'options'> {
  const command = commandLine.map(masked).join(' ');
  return { pid: process.pid, host: hostname(), since: now.toISOString(), command };
}

function fileIn(folder: string): string {
  return join(folder, 'holder.json');
}
