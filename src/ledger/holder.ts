import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson } from '../lib/json.ts';
import { openDatabase } from './sqlite.ts';
import { isBusy, isDamage } from './sqlite-trouble.ts';

/** The process that works on a workspace, as `holder.json` in its `.sluice/` names it. */
export interface Holder {
  readonly pid: number;
  /** The machine's name, or the container's. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The arguments that it was started with. */
  readonly command: string;
}

/**
 * Who works on the workspace now; null where nobody does, or where it is not known yet. `folder` is its `.sluice/`. For
 * processes that do not hold it themselves.
 *
 * @throws DiskTrouble
 */
export async function holderOf(folder: string): Promise<Holder | null> {
  return isLocked(join(folder, 'lock.db')) ? readHolder(folder) : null;
}

/** Takes a shared lock for a moment, which whoever is about to hold the workspace waits for. */
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
    // What is no database cannot be held; the next start makes it anew.
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Null where no process has the workspace, or none has said so yet. */
export async function readHolder(folder: string): Promise<Holder | null> {
  const fields = parseJson(await readFile(fileIn(folder), 'utf8').catch(() => ''));
  if (!isRecord(fields)) return null;
  const { pid, host, since, command } = fields;
  return typeof pid === 'number' && typeof host === 'string' && typeof since === 'string' && typeof command === 'string'
    ? { pid, host, since, command }
    : null;
}

/** Whole or not at all, also to a reader that comes at the same time. */
export async function writeHolder(folder: string, holder: Holder): Promise<void> {
  const temp = `${fileIn(folder)}.tmp`;
  await writeFile(temp, `${JSON.stringify(holder)}\n`);
  await rename(temp, fileIn(folder));
}

export function removeHolder(folder: string): Promise<void> {
  return rm(fileIn(folder), { force: true });
}

function fileIn(folder: string): string {
  return join(folder, 'holder.json');
}
