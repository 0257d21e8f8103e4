import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openExisting, openLedgerReader } from '../../src/ledger/reader.ts';
import { reopenDocuments } from '../../src/ledger/reopen.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { versionOf, workOff } from './lives.ts';
import { letGo, makeFolder } from './support.ts';

/** The folder of a ledger that was closed, with one document that is done. */
async function filled(): Promise<string> {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  await workOff(ledger, versionOf('a.md'), 'An answer.');
  await ledger.close();
  return folder;
}

function readAll(folder: string): string[] {
  const reader = openLedgerReader(folder);
  const answers = Array.from(reader?.results() ?? [], ({ answer }) => answer);
  reader?.close();
  return answers;
}

describe('openExisting', () => {
  const all = { matches: () => true, code: null };

  test.each([
    ['reads', (folder: string) => openLedgerReader(folder)],
    ['takes documents back', (folder: string) => reopenDocuments(folder, all)],
  ])('damage that shows to who %s is mended by the next start', async (_, use) => {
    const folder = await filled();
    writeFileSync(join(folder, 'ledger.db'), Buffer.alloc(8192, 'no database'));
    expect(() => use(folder)).toThrow('is damaged. Start sluice again');
    expect(existsSync(join(folder, 'ledger.db.suspect'))).toBe(true);
    const ledger = await openLedger(folder);
    expect(ledger.warnings).toHaveLength(1);
    await ledger.close();
    expect(existsSync(join(folder, 'ledger.db.suspect'))).toBe(false);
  });

  test('damage that shows only when a row is read has the next start look through the whole file', async () => {
    const folder = await filled();
    const database = openExisting(folder, {});
    database?.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'answers'");
    database?.close();
    expect(() => readAll(folder)).toThrow(DiskError);
    const ledger = await openLedger(folder);
    expect(ledger.warnings).toHaveLength(1);
    await ledger.close();
  });

  test('a folder in its place is reported in the same words to all', async () => {
    const folder = makeFolder();
    const file = join(folder, 'ledger.db');
    mkdirSync(file);
    const words = `A folder stands where the file ${file} belongs. Move it away.`;
    expect(() => openLedgerReader(folder)).toThrow(words);
    expect(() => reopenDocuments(folder, all)).toThrow(words);
    await expect(openLedger(folder)).rejects.toThrow(words);
    await expect(openLedger(folder, { diedBefore: true })).rejects.toThrow(words);
    expect(existsSync(file)).toBe(true);
  });

  test('a copy on a disk that cannot be written to is read', async () => {
    const disk = mountDisk('size=4m');
    if (disk === null) return;
    copyFileSync(join(await filled(), 'ledger.db'), join(disk, 'ledger.db'));
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(readAll(disk)).toEqual(['An answer.']);
    expect(() => reopenDocuments(disk, all)).toThrow(DiskError);
    await letGo(disk);
  });

  test('a copy there with a log that cannot be read along is not taken for the whole', async () => {
    const disk = mountDisk('size=4m');
    if (disk === null) return;
    const folder = makeFolder();
    const ledger = await openLedger(folder);
    await workOff(ledger, versionOf('a.md'), 'An answer.');
    for (const name of ['ledger.db', 'ledger.db-wal']) copyFileSync(join(folder, name), join(disk, name));
    await ledger.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(() => openLedgerReader(disk)).toThrow(/cannot be opened/);
    await letGo(disk);
  });
});
