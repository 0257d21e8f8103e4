import { type BigIntStats, statSync } from 'node:fs';
import { DiskTrouble, errorMessage } from '../domain/errors.ts';

/**
 * Remembers which file lies at a path, while that is open. What it returns throws `DiskTrouble` from the moment on when
 * it finds none there, or another one: what is written then is lost, and another process may be at work. It looks
 * without opening: to close a second descriptor of a file drops the locks on it. `what` names the file in a sentence.
 */
export function rememberFile(path: string, what: string): () => void {
  const before = statsOf(path, what);
  let isLost = false;

  return () => {
    isLost ||= !isSameFile(before, statsOf(path, what));
    if (!isLost) return;
    throw new DiskTrouble(
      `${what} ${path} is gone or another one lies there: stop this process; until then it asks nothing more, as no later run would know of it.`,
    );
  };
}

function statsOf(path: string, what: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw new DiskTrouble(`${what} ${path} cannot be looked at: ${errorMessage(error)}`, { cause: error });
  }
}

/** As long as the first is open, no other file gets its inode. */
function isSameFile(before: BigIntStats | undefined, now: BigIntStats | undefined): boolean {
  return before !== undefined && now !== undefined && before.dev === now.dev && before.ino === now.ino;
}
