import { readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { realDisk, syncPath } from '../lib/durable-files.ts';
import { errorMessage, orUndefined } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Database } from './sqlite.ts';

/** When the `--redo all` began that was stopped before its end (ISO 8601, UTC); null if none was. `folder` is `.sluice/`. */
export function unfinishedRedo(folder: string): string | null {
  const mark = parseJson(orUndefined(() => readFileSync(fileIn(folder), 'utf8')) ?? '');
  const since = isRecord(mark) ? mark['since'] : undefined;
  return typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : null;
}

/** Remembers, before its first call, that a `--redo all` began. Rejects with DiskError. */
export async function markRedo(folder: string, since: string): Promise<void> {
  const file = fileIn(folder);
  try {
    await writeFile(`${file}.tmp`, `${JSON.stringify({ since })}\n`);
    await syncPath(realDisk, `${file}.tmp`);
    await rename(`${file}.tmp`, file);
    await syncPath(realDisk, folder);
  } catch (error) {
    throw new DiskError(`${file} cannot be written: ${errorMessage(error)}`, { cause: error });
  }
}

/** The `--redo all` asked everything. A mark that stays costs one look more: what it asked is not asked again. */
export function unmarkRedo(folder: string): void {
  orUndefined(() => rmSync(fileIn(folder), { force: true }));
}

const ASKED_SINCE = `
  SELECT DISTINCT document FROM calls JOIN versions USING (version_id)
  WHERE ended_at >= ? AND calls.code <> 'not-sent' AND current
    AND (state = 'failed' AND verdict <> 'pause' OR state = 'done' AND calls.fingerprint = versions.fingerprint)`;

/** The documents that were answered, or failed, by a call that ended at or after a time (ISO 8601, UTC). */
export function askedSince(database: Database, iso: string): ReadonlySet<string> {
  return new Set(
    database
      .prepare<{ readonly document: string }>(ASKED_SINCE)
      .all([iso])
      .map(({ document }) => document),
  );
}

function fileIn(folder: string): string {
  return join(folder, 'redo-all.json');
}
