import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { twiceIfNeeded } from './twice-if-needed.ts';

/**
 * Finds out with a real file whether a folder takes one; the permissions alone do not tell. Leaves nothing. Throws the
 * system's error where it does not.
 */
export function probeWriting(folder: string): void {
  // A name like the outbox's temp files: what a killed process leaves is swept with them.
  const file = join(folder, `.sluice-${randomUUID()}.tmp`);
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    closeSync(descriptor);
  } finally {
    twiceIfNeeded(() => unlinkSync(file));
  }
}
