import { opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import { isTempName } from './temp-name.ts';

/** Entries per call: it leaves the event loop free in between, and memory flat however much lies there. */
const AT_ONCE = 256;

/**
 * Removes the temp files below a folder, except those in use. Resolves to how many there were. What cannot be listed or
 * removed is passed over, and rejects with the system's error when all the rest is done.
 */
export async function sweepTemps(folder: string, inUse: (file: string) => boolean): Promise<number> {
  const troubles: unknown[] = [];
  const passOver = (error: unknown): number => {
    if (errorCode(error) !== 'ENOENT') troubles.push(error);
    return 0;
  };

  async function sweep(path: string): Promise<number> {
    let swept = 0;
    for await (const entry of await opendir(path, { bufferSize: AT_ONCE })) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) swept += await sweep(inside).catch(passOver);
      else if (isTempName(entry.name) && !inUse(inside)) swept += await remove(inside).catch(passOver);
    }
    return swept;
  }

  const swept = await sweep(folder).catch(passOver);
  if (troubles.length > 0) throw troubles[0];
  return swept;
}

async function remove(file: string): Promise<number> {
  await unlink(file);
  return 1;
}
