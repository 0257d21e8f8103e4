import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { migrations } from './migrations.ts';
import { type Database, type OpenOptions, openDatabase } from './sqlite.ts';

/**
 * Opens the ledger of a workspace beside the process that works with it; `folder` is its `.sluice/`. Null where nothing
 * was recorded yet. Makes no file.
 *
 * @throws UsageError where another version of the program wrote it
 * @throws DiskTrouble
 */
export function openExisting(folder: string, options: OpenOptions): Database | null {
  const file = join(folder, 'ledger.db');
  if (!existsSync(file)) return null;
  const database = openDatabase(file, options);
  const version = Number(database.pragma('user_version'));
  if (version === migrations.length) return database;
  database.close();
  if (version === 0) return null;
  throw new UsageError(
    version < migrations.length
      ? `The ledger ${file} is of an older version of sluice: a run (sluice --once) brings it up to date.`
      : `The ledger ${file} is of a newer version of sluice: use that one.`,
  );
}
