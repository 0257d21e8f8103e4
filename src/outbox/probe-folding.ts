import { closeSync, lstatSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { tempName } from './temp-name.ts';

/**
 * Whether two spellings of a name are one file in a folder, by case or by Unicode normalisation: found out with a real
 * file. Throws the system's error where the folder, made if missing, cannot be written to.
 */
export function probeFolding(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const probes = [tempName(), tempName().replace('sluice', 'sluicé')];
  return probes.some((name) => isFoundUnder(join(folder, name), join(folder, otherSpelling(name))));
}

function otherSpelling(name: string): string {
  const decomposed = name.normalize('NFD');
  return decomposed === name ? name.toUpperCase() : decomposed;
}

function isFoundUnder(file: string, other: string): boolean {
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    closeSync(descriptor);
    return lstatSync(other, { throwIfNoEntry: false }) !== undefined;
  } finally {
    unlinkSync(file);
  }
}
