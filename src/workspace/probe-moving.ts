import { randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { twiceIfNeeded } from './twice-if-needed.ts';

/**
 * Finds out whether files may be moved out of a folder, by what that begins with: a folder made in it. Leaves nothing.
 * Throws the system's error where it may not.
 */
export function probeMoving(folder: string): void {
  // A name like those by which the inbox takes files aside: what a killed process leaves goes with them.
  const probe = join(folder, `.sluice-leaving-${randomUUID()}`);
  mkdirSync(probe);
  twiceIfNeeded(() => rmdirSync(probe));
}
