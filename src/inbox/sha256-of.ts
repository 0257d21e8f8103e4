import { hash } from 'node:crypto';
import type { ReleaseDisk } from './release-disk.ts';

/** Hex SHA-256 of a file's bytes. */
export async function sha256Of(disk: Pick<ReleaseDisk, 'readFile'>, file: string): Promise<string> {
  return hash('sha256', await disk.readFile(file));
}
