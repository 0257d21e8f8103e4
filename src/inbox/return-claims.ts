import { opendir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { ARRIVING } from './archive.ts';
import { endClaim, isClaimName, removeClaim } from './claim.ts';
import { ignoredName } from './entry.ts';
import type { ReleaseSettings } from './release.ts';

/** Entries per call: in between the event loop is free, and memory stays flat however much lies there. */
const AT_ONCE = 256;

/**
 * Puts documents back that a killed process had taken aside to release them, and removes what it had deleted, or copied,
 * in part. Resolves to how many came back. Only for the start: it does not know what is being released. What cannot be
 * listed or put back is passed over, and reported when all the rest is done.
 *
 * @throws DiskError
 */
export async function returnClaims({ root, archive, disk }: ReleaseSettings): Promise<number> {
  const errors: string[] = [];
  const passOver = (error: unknown): number => {
    if (errorCode(error) !== 'ENOENT') errors.push(errorMessage(error));
    return 0;
  };

  async function search(folder: string): Promise<number> {
    let returned = 0;
    for await (const entry of await opendir(join(root, folder), { bufferSize: AT_ONCE })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) continue;
      if (isClaimName(entry.name)) returned += await empty(path, folder).catch(passOver);
      else if (ignoredName(entry.name) === null) returned += await search(path).catch(passOver);
    }
    return returned;
  }

  async function empty(claim: string, folder: string): Promise<number> {
    // Beside what is to be deleted lies a delete marker.
    const names = (await readdir(join(root, claim))).filter((name) => ignoredName(name) === null);
    const returned = await Promise.all(
      names.map((name) => endClaim(disk, join(root, claim, name), root, join(folder, name))),
    );
    await removeClaim(disk, join(root, claim));
    return returned.filter(Boolean).length;
  }

  const returned = await search('').catch(passOver);
  await rm(join(archive, ARRIVING), { recursive: true, force: true }).catch(passOver);
  if (errors.length > 0) throw new DiskError(`Not all that a killed run left could be put back: ${errors[0]}`);
  return returned;
}
