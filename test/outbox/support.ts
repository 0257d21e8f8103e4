import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from '@jest/globals';
import { type Disk, realDisk } from '../../src/outbox/real-disk.ts';

const folders: string[] = [];
const mounts: string[] = [];

afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', [mount]);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the test. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-outbox-')));
  folders.push(folder);
  return folder;
}

/** A new folder that is a small disk of its own, unmounted after the test; null where mounting is refused here. */
export function mountDisk(options: string): string | null {
  const folder = makeFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    const { currentTestName = '' } = expect.getState();
    process.stderr.write(`\nNOT TESTED, for mounting a tmpfs is refused here: ${currentTestName}\n`);
    return null;
  }
  mounts.push(folder);
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
  return { ...realDisk, [call]: call === 'write' ? faulty : async (...parameters: unknown[]) => faulty(...parameters) };
}
