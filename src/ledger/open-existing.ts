import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { requireKnown } from './migrate.ts';
import { migrations } from './migrations.ts';
import { refuseFolder } from './refuse-folder.ts';
import { type Database, type OpenOptions, openDatabase } from './sqlite.ts';
import { isUnopenable } from './sqlite-trouble.ts';
import { suspicionIn } from './suspicion.ts';

const HOW_TO_MIGRATE = 'a run (sluice --once) brings it up to date';

/**
 * Opens the ledger of a workspace beside the process that works with it; `folder` is its `.sluice/`. Null where nothing
 * was recorded yet. Makes no file. To be read, it need not be in a place that can be written to. Damage has the next start
 * look through the whole file.
 *
 * @throws UsageError where another version of the program wrote it
 * @throws DiskTrouble
 */
export function openExisting(folder: string, options: OpenOptions): Database | null {
  const file = join(folder, 'ledger.db');
  if (!existsSync(file)) return null;
  refuseFolder(file);
  const watched = { ...options, onDamage: () => suspicionIn(folder).raise() };
  try {
    return openCurrent(file, watched);
  } catch (error) {
    if (options.readonly !== true || !isUnopenable(error) || hasLog(file)) throw error;
    // Where the files that readers share cannot be made, no process of ours can be writing either.
    return openCurrent(file, { ...watched, immutable: true });
  }
}

/** Whether there are rows that are not in the database yet. */
function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function openCurrent(file: string, options: OpenOptions): Database | null {
  const database = openDatabase(file, options);
  try {
    const steps = requireKnown(database, file);
    if (steps === migrations.length) return database;
    if (steps > 0) throw new UsageError(`The ledger ${file} is of an older version of sluice: ${HOW_TO_MIGRATE}.`);
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}
