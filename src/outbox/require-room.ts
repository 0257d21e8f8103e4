import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { trouble } from './trouble.ts';

/**
 * Looks whether a file below `root` could be written: that no folder has its name, and that the folders above it are
 * ours to write to, or to make. It writes nothing, so it cannot know all: a disk may be full.
 *
 * @throws PathTrouble, DiskTrouble
 */
export function requireRoom(file: string, root: string): void {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw systemError('EISDIR');
    accessSync(nearestFolder(dirname(file), root), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw trouble(error, file, root);
  }
}

/** The folder itself, or the lowest one above it that is there. */
function nearestFolder(folder: string, root: string): string {
  const isThere = folder.length <= root.length || statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere ? folder : nearestFolder(dirname(folder), root);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
