import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import type { LedgerReader } from '../../domain/ledger-reader.ts';
import { openLedgerReader } from '../../ledger/reader.ts';

/** Where a workspace keeps what it remembers. */
export function memoryOf(root: string): string {
  return join(root, '.sluice');
}

/** @throws UsageError where there is no such workspace */
export function requireWorkspace(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(`The workspace ${root} (--root) does not exist. Make it, or name another.`);
}

/** What a command says where it needs a ledger and there is none. */
export function nothingRecorded(root: string): UsageError {
  return new UsageError(`Nothing was recorded yet in ${root}: no run has begun a document there.`);
}

/**
 * Lets `work` read the ledger of a workspace.
 *
 * @throws UsageError where there is no such workspace, or nothing was recorded in it yet
 * @throws DiskTrouble
 */
export async function readLedgerOf<T>(root: string, work: (reader: LedgerReader) => T | Promise<T>): Promise<T> {
  requireWorkspace(root);
  const reader = openLedgerReader(memoryOf(root));
  if (reader === null) throw nothingRecorded(root);
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}
