import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from '@jest/globals';
import { sayNotTested } from './say-not-tested.ts';

const disks: string[] = [];

afterEach(() => {
  for (const disk of disks.splice(0)) {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  }
});

/** A new folder that is a small disk of its own, gone after the test; null, said aloud, where mounting is refused. */
export function mountDisk(options: string): string | null {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-disk-')));
  if (mountDiskAt(folder, options)) {
    disks.push(folder);
    return folder;
  }
  rmSync(folder, { recursive: true });
  return null;
}

/** Mounts a small disk over a folder, for the caller to unmount. False, said aloud, where mounting is refused. */
export function mountDiskAt(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    sayNotTested(expect.getState().currentTestName ?? 'a disk of its own', 'mounting a tmpfs is refused');
    return false;
  }
}
