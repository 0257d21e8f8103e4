import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder in the system's temporary folder. `remove` may be called early; it is removed at the end at the latest. */
export function temporaryFolder(resources) {
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const remove = resources.own(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return { path, remove };
}
