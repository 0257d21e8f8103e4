import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openAppender } from '../../src/ledger/open-appender.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { makeFolder } from './support.ts';

test('a line is in the file when its promise is kept, in the order of asking', async () => {
  const file = join(makeFolder(), 'lines');
  writeFileSync(file, 'first\n');
  const appender = await openAppender(file);
  await appender.append('second\n');
  expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
  const lines = Array.from({ length: 1000 }, (_, index) => `${index}\n`);
  await Promise.all(lines.map((line) => appender.append(line)));
  expect(readFileSync(file, 'utf8')).toBe(`first\nsecond\n${lines.join('')}`);
  await appender.close();
});

test('what comes in one turn goes out together', async () => {
  const appender = await openAppender(join(makeFolder(), 'lines'));
  const [one, two] = [appender.append('1\n'), appender.append('2\n')];
  expect(one).toBe(two);
  await Promise.all([one, two]);
  const three = appender.append('3\n');
  expect(three).not.toBe(one);
  await three;
  await appender.close();
});

test('closing waits for what is being written; after it nothing is taken', async () => {
  const file = join(makeFolder(), 'lines');
  const appender = await openAppender(file);
  const written = appender.append('last\n');
  await appender.close();
  expect(readFileSync(file, 'utf8')).toBe('last\n');
  await written;
  await expect(appender.append('too late\n')).rejects.toThrow('closed');
});

test('on a full disk half a line is taken back, and the next one is whole', async () => {
  const disk = mountDisk('size=64k');
  if (disk === null) return;
  const file = join(disk, 'lines');
  const appender = await openAppender(file);
  await appender.append('first\n');
  writeFileSync(join(disk, 'filler'), 'y'.repeat(40_000));
  await expect(appender.append(`${'x'.repeat(40_000)}\n`)).rejects.toThrow('ENOSPC');
  expect(readFileSync(file, 'utf8')).toBe('first\n');
  rmSync(join(disk, 'filler'));
  await appender.append('second\n');
  expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
  await appender.close();
});
