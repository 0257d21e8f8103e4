import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { trouble } from './disk-errors.ts';

/**
 * Looks whether files in one folder below `root` could be written: that no folder has their names, and that the folders
 * above them are ours to write to, or to make. It writes nothing, so it cannot know all: a disk may be full.
 *
 * @throws PathTrouble, DiskTrouble
 */
export function requireRoom(files: readonly string[], root: string): void {
  for (const file of files) attempt(file, root, () => requireNoFolder(file));
  const [first = root] = files;
  attempt(first, root, () => accessSync(nearestFolder(dirname(first), root), constants.W_OK | constants.X_OK));
}

function attempt(file: string, root: string, look: () => void): void {
  try {
    look();
  } catch (error) {
    throw trouble(error, file, root);
  }
}

function requireNoFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw systemError('EISDIR');
}

/** The folder itself, or the lowest one above it that is there. */
function nearestFolder(folder: string, root: string): string {
  const isThere = folder.length <= root.length || statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere ? folder : nearestFolder(dirname(folder), root);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
