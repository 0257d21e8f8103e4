import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { DocumentRecord } from '../../src/domain/ports.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));
  folders.push(folder);
  return folder;
}

export function recordOf(size: number, fields: Partial<DocumentRecord> = {}): DocumentRecord {
  return { state: 'done', size, mtimeMs: 1_700_000_000_000.25, sha256: 'ab', api: 'https://api.test/v1', ...fields };
}
