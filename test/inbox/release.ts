import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentRef } from '../../src/domain/document.ts';
import { type MoveDisk, moveDisk } from '../../src/lib/durable-files.ts';

/** A document as it lies in an inbox now. */
export function refer(root: string, id: string): DocumentRef {
  const { size, mtimeMs } = statSync(join(root, id));
  return { id, size, mtimeMs };
}

type Call = keyof MoveDisk;

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
}): MoveDisk {
  const intercept =
    (call: Call) =>
    async (...parameters: readonly unknown[]) => {
      before(call, String(parameters[0]), String(parameters[1]));
      const result: unknown = await Reflect.apply(moveDisk[call], moveDisk, parameters);
      after(call, String(parameters[0]));
      return result;
    };
  const calls: readonly Call[] = [
    'copyFile',
    'link',
    'lstat',
    'mkdir',
    'open',
    'readFile',
    'rename',
    'rm',
    'rmdir',
    'unlink',
    'utimes',
  ];
  return Object.fromEntries(calls.map((call) => [call, intercept(call)])) as unknown as MoveDisk;
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
