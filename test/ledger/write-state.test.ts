import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readState } from '../../src/ledger/read-state.ts';
import { writeState } from '../../src/ledger/write-state.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { makeFolder, recordOf } from './support.ts';

const many = new Map(Array.from({ length: 2500 }, (_, index) => [`d${index}`, recordOf(index)]));

describe('a state that is written anew', () => {
  test('is read as it was, and nothing else stays behind', async () => {
    const folder = makeFolder();
    const file = join(folder, 'state');
    writeFileSync(file, 'what was there before\n');
    await writeState(file, many);

    expect(await readState(file)).toMatchObject({ records: many, lines: 2500, damagedLines: 0, tornBytes: 0 });
    expect(readdirSync(folder)).toEqual(['state']);
  });

  test('on a full disk leaves what was there as it was, and is written when there is room', async () => {
    const disk = mountDisk('size=400k');
    if (disk === null) return;
    const file = join(disk, 'state');
    writeFileSync(file, 'what was there before\n');
    writeFileSync(join(disk, 'filler'), Buffer.alloc(300_000));

    await expect(writeState(file, many)).rejects.toThrow('ENOSPC');
    expect(readFileSync(file, 'utf8')).toBe('what was there before\n');
    expect(readdirSync(disk).toSorted()).toEqual(['filler', 'state']);

    rmSync(join(disk, 'filler'));
    await writeState(file, many);
    expect((await readState(file)).records.size).toBe(2500);
  });
});
