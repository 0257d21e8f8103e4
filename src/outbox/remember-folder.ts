import { type Stats, statSync } from 'node:fs';
import { DiskTrouble, errorCode, errorMessage } from '../domain/errors.ts';
import { isSameFolder } from './is-same-folder.ts';

/**
 * Remembers which folder lies at a path. What it returns throws `DiskTrouble` as long as none, another one, or one that
 * is closed to us lies there: an unmounted share is no wish to have every result again.
 */
export function rememberFolder(path: string): () => void {
  const before = statsOf(path);
  return () => {
    if (isSameFolder(before, statsOf(path))) return;
    throw new DiskTrouble(`Another folder lies at ${path} than when the run began. ${whatToDo('this one')}`);
  };
}

function statsOf(path: string): Stats {
  try {
    // The dot: it asks for the right to look into the folder, too.
    return statSync(`${path}/.`);
  } catch (error) {
    const isGone = ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
    const message = isGone
      ? `The folder ${path} is gone. ${whatToDo('an empty one')}`
      : `The folder ${path} cannot be looked at: ${errorMessage(error)}`;
    throw new DiskTrouble(message, { cause: error });
  }
}

function whatToDo(otherwise: string): string {
  return `Put it back; or restart to go on with ${otherwise}: results that are missing there are asked, and paid for, again.`;
}
