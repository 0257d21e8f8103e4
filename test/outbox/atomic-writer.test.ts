import { EventEmitter, once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { AtomicWriter } from '../../src/outbox/atomic-writer.ts';
import { failingDisk, filesBelow, makeFolder } from './support.ts';

const textOf = (file: string) => readFileSync(file, 'utf8');

const writeSeven: Disk['write'] = (descriptor, bytes, offset) =>
  realDisk.write(descriptor, bytes.subarray(0, offset + 7), offset);

describe('an atomic write', () => {
  test('files a text in folders that are not there yet, readable by all as far as the umask lets', async () => {
    const folder = makeFolder();
    await new AtomicWriter(realDisk).write(join(folder, 'a/b/c.md'), 'grün 😀\n');
    expect(textOf(join(folder, 'a/b/c.md'))).toBe('grün 😀\n');
    expect(statSync(join(folder, 'a/b/c.md')).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(filesBelow(folder)).toEqual(['a', 'a/b', 'a/b/c.md']);
  });

  test('takes the place of what was there', async () => {
    const file = join(makeFolder(), 'a.md');
    const writer = new AtomicWriter(realDisk);
    await writer.write(file, 'a long first text');
    await writer.write(file, 'second');
    expect(textOf(file)).toBe('second');
  });

  test('goes on in a folder that was deleted in between', async () => {
    const folder = makeFolder();
    const writer = new AtomicWriter(realDisk);
    await writer.write(join(folder, 'sub/a.md'), 'a');
    await rm(join(folder, 'sub'), { recursive: true });
    await writer.write(join(folder, 'sub/b.md'), 'b');
    expect(filesBelow(folder)).toEqual(['sub', 'sub/b.md']);
  });

  test('writes on after a short write', async () => {
    const file = join(makeFolder(), 'a.md');
    await new AtomicWriter({ ...realDisk, write: writeSeven }).write(file, 'one two three four five');
    expect(textOf(file)).toBe('one two three four five');
  });

  test('syncs the file before the rename and the folder after it', async () => {
    const calls: string[] = [];
    const disk: Disk = {
      ...realDisk,
      fsync: (descriptor) => {
        calls.push('fsync');
        return realDisk.fsync(descriptor);
      },
      rename: (from, to) => {
        calls.push('rename');
        return realDisk.rename(from, to);
      },
    };
    await new AtomicWriter(disk).write(join(makeFolder(), 'a.md'), 'a');
    expect(calls).toEqual(['fsync', 'rename', 'fsync']);
  });

  test('never syncs again what failed to sync: the text is written again', async () => {
    const folder = makeFolder();
    const opened: string[] = [];
    const disk: Disk = {
      ...failingDisk('fsync', 'EIO', 1),
      open: (file, flags, mode) => {
        if (flags === 'wx') opened.push(file);
        return realDisk.open(file, flags, mode);
      },
    };
    await new AtomicWriter(disk).write(join(folder, 'a.md'), 'whole');
    expect(new Set(opened).size).toBe(2);
    expect(filesBelow(folder)).toEqual(['a.md']);
  });

  test.each([
    ['open', 'EMFILE', 3],
    ['open', 'ENFILE', 1],
    ['fsync', 'EIO', 1],
    ['close', 'EIO', 1],
    ['rename', 'EIO', 1],
    ['rename', 'ENOENT', 1],
  ] as const)('a passing %s error %s is overcome', async (call, code, times) => {
    const folder = makeFolder();
    await new AtomicWriter(failingDisk(call, code, times)).write(join(folder, 'a.md'), 'whole');
    expect(textOf(join(folder, 'a.md'))).toBe('whole');
    expect(filesBelow(folder)).toEqual(['a.md']);
  });

  test.each([
    ['open', 'EACCES'],
    ['open', 'EMFILE'],
    ['write', 'ENOSPC'],
    ['write', 'EDQUOT'],
    ['fsync', 'EIO'],
    ['close', 'EIO'],
    ['rename', 'EROFS'],
    ['rename', 'ENOENT'],
  ] as const)('a lasting %s error %s is reported, and leaves what was there', async (call, code) => {
    const folder = makeFolder();
    const file = join(folder, 'a.md');
    await new AtomicWriter(realDisk).write(file, 'old');
    await expect(new AtomicWriter(failingDisk(call, code)).write(file, 'new')).rejects.toMatchObject({ code });
    expect(filesBelow(folder)).toEqual(['a.md']);
    expect(textOf(file)).toBe('old');
  });

  test('a writer that is abandoned leaves no temp file and finishes nothing', async () => {
    const folder = makeFolder();
    const signals = new EventEmitter();
    const fsync = async () => {
      signals.emit('syncing');
      await once(signals, 'go-on');
    };
    const syncing = once(signals, 'syncing');
    const writer = new AtomicWriter({ ...realDisk, fsync });
    const written = writer.write(join(folder, 'a.md'), 'a');
    await syncing;
    const [temp = ''] = filesBelow(folder);
    expect(temp).toMatch(/^\.sluice-.*\.tmp$/);
    expect(writer.owns(join(folder, temp))).toBe(true);
    writer.abandon();
    expect(filesBelow(folder)).toEqual([]);
    signals.emit('go-on');
    await expect(written).rejects.toThrow('The process is ending.');
    expect(filesBelow(folder)).toEqual([]);
  });
});
