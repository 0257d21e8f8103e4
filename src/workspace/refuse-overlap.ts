import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { UsageError } from '../domain/errors.ts';

/**
 * Refuses folders of which one is, or lies in, another, links followed: results would be taken for documents, or one
 * file's name would take another's.
 *
 * @throws UsageError
 */
export function refuseOverlap(folders: Readonly<Record<string, string>>): void {
  const real = Object.entries(folders).map(([name, path]) => ({ name, path, realPath: realPathOf(path) }));
  for (const inner of real) {
    for (const outer of real) {
      if (inner === outer || !`${inner.realPath}${sep}`.startsWith(`${outer.realPath}${sep}`)) continue;
      const relation = inner.realPath === outer.realPath ? 'is' : 'lies in';
      throw new UsageError(
        `The ${inner.name} folder ${inner.path} ${relation} the ${outer.name} folder ${outer.path}. They must be apart.`,
      );
    }
  }
}

/** With links followed as far as the path exists. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}
