import { errorCode } from '../domain/errors.ts';
import { UNSYNCABLE } from '../domain/unsyncable.ts';
import type { MoveDisk } from './release-disk.ts';

/** Makes durable what a file holds, or the names that a folder holds. */
export async function syncPath(disk: Pick<MoveDisk, 'open'>, path: string): Promise<void> {
  try {
    const handle = await disk.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!UNSYNCABLE.has(errorCode(error))) throw error;
  }
}
