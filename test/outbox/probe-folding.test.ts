import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { probeFolding } from '../../src/outbox/safe-names.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { filesBelow, makeFolder } from './support.ts';

test('tells what the file system does, and leaves nothing', () => {
  const folder = join(makeFolder(), 'new');
  const folds = probeFolding(folder);
  expect(filesBelow(folder)).toEqual([]);
  writeFileSync(join(folder, 'A\u00e9'), '');
  expect(existsSync(join(folder, 'a\u00e9')) || existsSync(join(folder, 'Ae\u0301'))).toBe(folds);
});

test('throws if the folder cannot be written to', () => {
  const disk = mountDisk('size=64k,ro');
  if (disk === null) return;
  expect(() => probeFolding(disk)).toThrow('EROFS');
});
