import type { Stats } from 'node:fs';

/**
 * Whether a folder is the one that was looked at before. The time of birth counts because a new folder often gets the
 * inode of the one just deleted; but not where it equalled the time of the last change: systems that know of no birth
 * give the one for the other, and that moves with every file.
 */
export function isSameFolder(
  before: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs' | 'ctimeMs'>,
  now: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>,
): boolean {
  const bornAlike = now.birthtimeMs === before.birthtimeMs || before.birthtimeMs === before.ctimeMs;
  return now.dev === before.dev && now.ino === before.ino && bornAlike;
}
