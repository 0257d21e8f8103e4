import { UsageError } from '../domain/errors.ts';
import { migrations } from './migrations.ts';
import type { Database } from './sqlite.ts';

/** How many steps a file has taken. Throws `UsageError` where a newer version of the program wrote it. */
export function requireKnown(database: Database, file: string): number {
  const version = versionOf(database);
  if (version <= migrations.length) return version;
  const versions = `its schema is version ${version}, this one knows ${migrations.length}`;
  throw new UsageError(`The ledger ${file} is of a newer version of sluice (${versions}): use that one.`);
}

/** Takes the steps that are missing, each whole or not at all. */
export function migrate(database: Database): void {
  const taken = versionOf(database);
  for (const [index, step] of migrations.entries())
    if (index >= taken) database.transaction(() => database.exec(`${step}; PRAGMA user_version = ${index + 1}`));
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version'));
}
