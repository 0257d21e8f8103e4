import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Damage that showed while the ledger was in use: the next start is to look through the whole file. */
export interface Suspicion {
  isRaised(): boolean;
  raise(): void;
  clear(): void;
}

/** Keeps it as a file beside the ledger; `folder` is `.sluice/`. */
export function suspicionIn(folder: string): Suspicion {
  const file = join(folder, 'ledger.db.suspect');
  return {
    isRaised: () => existsSync(file),
    raise: () => {
      try {
        writeFileSync(file, '');
      } catch {
        // The damage itself is told; that it is found again sooner is all that this is for.
      }
    },
    clear: () => {
      try {
        rmSync(file, { force: true });
      } catch {
        // Then the next start looks through the whole file once more.
      }
    },
  };
}
