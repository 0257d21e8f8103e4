import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { errorCode, UsageError } from '../domain/errors.ts';
import { tryTo } from './try-to.ts';

/**
 * Refuses folders of which one is, or lies in, another, links followed: results would be taken for documents, or one
 * file's name would take another's.
 *
 * @throws UsageError, and DiskTrouble where the disk does not tell
 */
export function refuseOverlap(folders: Readonly<Record<string, string>>): void {
  const real = Object.entries(folders).map(([name, path]) => ({ name, path, realPath: realPathOf(name, path) }));
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
function realPathOf(name: string, path: string): string {
  const real = tryTo(`The ${name} folder ${path} cannot be looked at`, () => realPathIn(path));
  return real ?? join(realPathOf(name, dirname(path)), basename(path));
}

/** Undefined where nothing is there. */
function realPathIn(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error)) && dirname(path) !== path) return undefined;
    throw error;
  }
}
