import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sweepTemps, tempName } from '../../src/outbox/atomic-writer.ts';
import { filesBelow, makeFolder } from './support.ts';

test('removes temp files at any depth, and nothing else', async () => {
  const folder = makeFolder();
  const elsewhere = makeFolder();
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  symlinkSync(elsewhere, join(folder, 'link'));
  const inUse = join(folder, tempName());
  const kept = [
    inUse,
    ...['x.tmp', '.sluice-mine.tmp', 'a.md'].map((name) => join(folder, name)),
    join(elsewhere, tempName()),
  ];
  const swept = [join(folder, tempName()), join(folder, 'a/b', tempName())];
  for (const file of [...kept, ...swept]) writeFileSync(file, '');

  expect(await sweepTemps(folder, (file) => file === inUse)).toBe(2);
  const left = [
    ...filesBelow(folder).map((name) => join(folder, name)),
    ...filesBelow(elsewhere).map((name) => join(elsewhere, name)),
  ];
  expect(left).toEqual(expect.arrayContaining(kept));
  expect(left).not.toEqual(expect.arrayContaining([expect.stringContaining(swept[0] ?? '')]));
  expect(left).not.toContain(swept[1]);
});

test('a folder that is not there has none', async () => {
  expect(await sweepTemps(join(makeFolder(), 'gone'), () => false)).toBe(0);
});

test('what cannot be removed is an error once the rest is swept', async () => {
  const folder = makeFolder();
  for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
  const temps = ['a', 'b', 'c'].map((name) => join(folder, name, tempName()));
  for (const temp of temps) writeFileSync(temp, '');
  const sweeping = sweepTemps(folder, (file) => {
    if (file === temps[1]) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
    return false;
  });
  await expect(sweeping).rejects.toThrow('EIO');
  expect(filesBelow(folder)).toEqual(['a', 'b', temps[1]?.slice(folder.length + 1), 'c']);
});
