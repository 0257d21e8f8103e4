import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { UsageError } from '../../src/domain/errors.ts';
import { migrate, migrations } from '../../src/ledger/migrations.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { API, begunOf, versionOf } from './lives.ts';
import { makeFolder } from './support.ts';

/** The same documents in the schema as it was after each step. */
const fixtures = ['schema-1.db', 'schema-2.db', 'schema-3.db'].map((name) =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)),
);

describe('migrate', () => {
  test('takes all steps on a new file, and none twice', () => {
    const database = openDatabase(':memory:');
    migrate(database);
    migrate(database);
    expect(database.pragma('user_version')).toBe(migrations.length);
    expect(database.prepare('SELECT * FROM documents').all()).toEqual([]);
    database.close();
  });

  test('a step that fails leaves the schema as it was', () => {
    const database = openDatabase(':memory:');
    database.exec('CREATE TABLE attempts (id)');
    expect(() => migrate(database)).toThrow('attempts already exists');
    expect(database.pragma('user_version')).toBe(0);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'attempts' }]);
    database.close();
  });
});

describe('openLedger with a file of another version', () => {
  test.each(fixtures)('an older one (%s) still opens, with all that it remembers', async (fixture) => {
    const folder = makeFolder();
    copyFileSync(fixture, join(folder, 'ledger.db'));
    const ledger = await openLedger(folder);
    expect(ledger.warnings).toEqual([]);
    expect(ledger.recall('q1/report.md')).toMatchObject({ state: 'done', size: 130, recipe: 'a'.repeat(64) });
    expect(ledger.recall('open.md')).toMatchObject({ state: 'pending', dueAt: Date.UTC(2026, 3, 1) });
    expect(ledger.version('bad.md', '')).toMatchObject({ code: 'empty', recipe: null, attempts: [] });
    expect(ledger.version('q1/report.md', '2'.repeat(64))).toMatchObject({ state: 'done', lastNumber: 2 });
    expect(ledger.answer('c'.repeat(64))).toMatchObject({
      text: 'The second answer.',
      extras: {},
      notes: [],
      attempt: { costUsd: 0.02, cachedTokens: null },
    });
    expect(ledger.ownerOf(ledger.resultPath('q1/report.md') ?? '')).toBe('q1/report.md');
    expect(ledger.reply('c'.repeat(64))).toBeUndefined();
    expect(ledger.interrupted).toMatchObject([{ id: 'open.md', attempt: { generationId: 'gen-3', status: 200 } }]);
    expect(ledger.spentSince('', API)).toBeCloseTo(0.03);
    await lastValueFrom(ledger.begin(begunOf(versionOf('new.md'), 1, { reservedUsd: 0.5 })));
    expect(ledger.spentSince('', API)).toBeCloseTo(0.53);
    await ledger.close();
    const database = openDatabase(join(folder, 'ledger.db'));
    expect(database.pragma('user_version')).toBe(migrations.length);
    expect(database.prepare('SELECT * FROM documents').all()).toHaveLength(4);
    database.close();
  });

  test('a newer one is refused, and left as it is', async () => {
    const folder = makeFolder();
    const file = join(folder, 'ledger.db');
    copyFileSync(fixtures[0] ?? '', file);
    const database = openDatabase(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(file);
    await expect(openLedger(folder)).rejects.toThrow(UsageError);
    await expect(openLedger(folder)).rejects.toThrow('newer version of sluice (its schema is version 99');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
