import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the test. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-outbox-')));
  folders.push(folder);
  return folder;
}

/** Everything below a folder, by path, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}

/** A disk one of whose calls fails with a code as often as said, then works. */
export function failingDisk(call: keyof Disk, code: string, times = Number.POSITIVE_INFINITY): Disk {
  let left = times;
  const faulty = (...parameters: unknown[]): unknown => {
    left -= 1;
    if (left >= 0) throw Object.assign(new Error(`${code}: injected`), { code });
    return Reflect.apply(realDisk[call], realDisk, parameters);
  };
  return {
    ...realDisk,
    [call]: call === 'write' ? faulty : async (...parameters: unknown[]) => faulty(...parameters),
  };
}

/**
 * Does something with the rights of an ordinary user, while a folder has this mode: root, as whom tests may run,
 * may do everything.
 */
export function asOrdinaryUser<T>(folder: string, mode: number, work: () => T): T {
  chmodSync(folder, mode);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
