import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentRef } from '../../src/domain/document.ts';
import { releaseDocument } from '../../src/inbox/release.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';

/** A document as it lies in an inbox now. */
export function refer(root: string, id: string): DocumentRef {
  const { size, mtimeMs, ctimeMs, ino: inode } = statSync(join(root, id));
  return { id, size, mtimeMs, ctimeMs, inode };
}

/** Where a released document went: its path below the archive, null if it was deleted, undefined if it stays. */
export async function releasedTo(
  ...[settings, release]: Parameters<typeof releaseDocument>
): Promise<string | null | undefined> {
  return (await releaseDocument(settings, release))?.to;
}

type Call = keyof Disk;

/**
 * A disk that asks `before` at each call, which may throw in its place or change what lies there. `after` is asked when
 * the call was made.
 */
export function interceptedDisk({
  before = () => undefined,
  after = () => undefined,
}: {
  readonly before?: (call: Call, path: string, to: string) => void;
  readonly after?: (call: Call, path: string) => void;
}): Disk {
  const intercept =
    (call: Call) =>
    async (...parameters: readonly unknown[]) => {
      try {
        before(call, String(parameters[0]), String(parameters[1]));
      } catch (error) {
        // A file is closed even where that reports an error.
        if (call === 'close') await realDisk.close(Number(parameters[0]));
        throw error;
      }
      const result: unknown = await Reflect.apply(realDisk[call], realDisk, parameters);
      after(call, String(parameters[0]));
      return result;
    };
  const calls = Object.keys(realDisk) as readonly Call[];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each call as it is, with more around it
  return Object.fromEntries(calls.map((call) => [call, intercept(call)])) as unknown as Disk;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
