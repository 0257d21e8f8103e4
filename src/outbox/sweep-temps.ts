import { opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import { isTempName } from './temp-name.ts';

/** Entries per call: it leaves the event loop free in between, and memory flat however much lies there. */
const AT_ONCE = 256;

/** Removes the temp files below a folder, except those in use. Resolves to how many there were. */
export async function sweepTemps(folder: string, inUse: (file: string) => boolean): Promise<number> {
  let swept = 0;
  try {
    for await (const entry of await opendir(folder, { bufferSize: AT_ONCE })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) swept += await sweepTemps(path, inUse);
      else if (isTempName(entry.name) && !inUse(path)) {
        await unlink(path);
        swept += 1;
      }
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return swept;
}
