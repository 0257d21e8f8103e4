import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isTempName } from '../../src/outbox/atomic-writer.ts';
import { probeWriting } from '../../src/run/workspace.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { filesBelow, makeFolder } from './workspaces.ts';

test('a folder that takes files is left as it was', () => {
  const folder = makeFolder();
  probeWriting(folder);
  expect(filesBelow(folder)).toEqual([]);
});

test('what a killed process leaves of it is swept with the temp files of the outbox', () => {
  const missing = join(makeFolder(), 'none');
  let file = '';
  try {
    probeWriting(missing);
  } catch (error) {
    file = String((error as NodeJS.ErrnoException).path);
  }
  expect(isTempName(file.slice(missing.length + 1))).toBe(true);
});

test('a disk that takes none says so', () => {
  const disk = mountDisk('size=64k,ro');
  if (disk === null) return;
  expect(() => probeWriting(disk)).toThrow('EROFS');
});
