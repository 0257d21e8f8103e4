import { statSync } from 'node:fs';
import { DiskTrouble } from '../domain/errors.ts';

/** Throws `DiskTrouble` where a folder stands in place of a file of ours. */
export function refuseFolder(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new DiskTrouble(`A folder stands where the file ${file} belongs. Move it away.`);
}
