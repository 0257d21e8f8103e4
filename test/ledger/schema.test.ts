import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { reopenDocuments } from '../../src/ledger/reopen.ts';
import { migrate, SCHEMA_VERSION, STEPS } from '../../src/ledger/schema.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { API, begunOf, versionOf } from './lives.ts';
import { makeFolder } from './support.ts';

/** The same documents in each schema that was released, as SQL. A change of the schema adds the one before it. */
const fixtures = ['schema-5.sql', 'schema-6.sql'];

/** The folder of a ledger as a fixture has it. */
function folderOf(fixture: string): string {
  const folder = makeFolder();
  const database = openDatabase(join(folder, 'ledger.db'));
  database.exec(readFileSync(fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url)), 'utf8'));
  database.close();
  return folder;
}

function schemaOf(database: Database): unknown {
  return database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
}

describe('migrate', () => {
  test('takes all steps on a new file', () => {
    const database = openDatabase(':memory:');
    migrate(database, 0);
    expect(database.pragma('user_version')).toBe(SCHEMA_VERSION);
    expect(database.prepare('SELECT * FROM documents').all()).toEqual([]);
    database.close();
  });

  test('takes none twice', () => {
    const database = openDatabase(':memory:');
    migrate(database, 0);
    migrate(database, STEPS.length);
    expect(database.pragma('user_version')).toBe(SCHEMA_VERSION);
    database.close();
  });

  test('a step that fails leaves the schema as it was', () => {
    const database = openDatabase(':memory:');
    database.exec('CREATE TABLE calls (id)');
    expect(() => migrate(database, 0)).toThrow('calls already exists');
    expect(database.pragma('user_version')).toBe(0);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'calls' }]);
    database.close();
  });

  test('a step that is added changes the files that took those before it, and new ones alike', () => {
    const steps = [...STEPS, 'ALTER TABLE versions ADD COLUMN lane TEXT'];
    const [old, fresh] = [openDatabase(join(folderOf('schema-6.sql'), 'ledger.db')), openDatabase(':memory:')];
    migrate(old, 2, steps);
    migrate(fresh, 0, steps);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    expect(old.pragma('user_version')).toBe(SCHEMA_VERSION + 1);
    expect(old.prepare("SELECT lane FROM versions WHERE document = 'open.md'").all()).toEqual([{ lane: null }]);
    old.close();
    fresh.close();
  });
});

describe('openLedger with a file of another version', () => {
  test.each(fixtures)('one that was released (%s) opens, with all that it remembers', async (fixture) => {
    const folder = folderOf(fixture);
    const ledger = await openLedger(folder);
    expect(ledger.warnings).toEqual([]);
    expect(ledger.recall('q1/report.md')).toMatchObject({ state: 'done', size: 130, recipe: 'a'.repeat(64) });
    expect(ledger.recall('open.md')).toMatchObject({ state: 'pending', dueAt: Date.UTC(2026, 3, 1) });
    expect(await ledger.version('bad.md', '')).toMatchObject({ code: 'empty', recipe: null, attempts: [] });
    expect(await ledger.version('held.md', '4'.repeat(64))).toMatchObject({ state: 'held', code: 'in-doubt' });
    expect(await ledger.version('q1/report.md', '2'.repeat(64))).toMatchObject({ state: 'done', lastNumber: 2 });
    expect(await ledger.version('q1/report.md', '1'.repeat(64))).toMatchObject({ state: 'replaced' });
    expect(await ledger.answer('c'.repeat(64))).toMatchObject({
      text: 'The second answer.',
      extras: { reasoning: 'So.' },
      notes: ['It was cut.'],
      attempt: { costUsd: 0.02, cachedTokens: 12.5 },
    });
    expect(ledger.ownerOf(ledger.resultPath('q1/report.md') ?? '')).toBe('q1/report.md');
    expect(await ledger.reply('d'.repeat(64))).toEqual({ text: 'Half an ans', cut: true, extras: {} });
    expect(ledger.interrupted).toMatchObject([{ id: 'open.md', attempt: { generationId: 'gen-3', status: 200 } }]);
    const spent = fixture === 'schema-5.sql' ? 0.08 : 0.11;
    expect(ledger.spentSince('', API)).toBeCloseTo(spent);
    await ledger.begin(begunOf(versionOf('new.md'), 1, { reservedUsd: 0.5 }));
    expect(ledger.spentSince('', API)).toBeCloseTo(spent + 0.5);
    await ledger.close();
    const [database, fresh] = [openDatabase(join(folder, 'ledger.db')), openDatabase(':memory:')];
    migrate(fresh, 0);
    expect(database.pragma('user_version')).toBe(SCHEMA_VERSION);
    expect(schemaOf(database)).toEqual(schemaOf(fresh));
    expect(database.prepare("SELECT document FROM documents WHERE document <> 'contract.docx'").all()).toHaveLength(5);
    database.close();
    fresh.close();
  });

  test('an answer of schema 6 tells no readers, and what is left out of its document is not known', async () => {
    const ledger = await openLedger(folderOf('schema-6.sql'));
    expect(ledger.recall('contract.docx')).toMatchObject({ state: 'done', readers: null, ctimeMs: null, inode: null });
    expect(await ledger.answer('e'.repeat(64))).toMatchObject({
      text: 'The answer to a contract.',
      readers: null,
      leftOut: {},
    });
    await ledger.close();
  });

  test.each([
    ['newer', 'PRAGMA user_version = 99', 'a newer version of sluice (its schema is version 99, this one knows 7)'],
    [
      'of a time before the first release',
      'PRAGMA user_version = 4',
      'an older version of sluice (its schema is version 4',
    ],
    [
      'of another program',
      'CREATE TABLE things (id); PRAGMA user_version = 0',
      'an older version of sluice (its schema',
    ],
  ])('one that is %s is refused by all, with what to do, and left as it is', async (_, sql, words) => {
    const folder = makeFolder();
    const file = join(folder, 'ledger.db');
    const database = openDatabase(file);
    database.exec(`CREATE TABLE recipes (id); ${sql}`);
    database.close();
    const before = readFileSync(file);
    const all = { matches: () => true, code: null };
    for (const open of [() => openLedger(folder), () => openLedger(folder, { diedBefore: true })]) {
      await expect(open()).rejects.toThrow(DiskError);
      await expect(open()).rejects.toThrow(words);
      await expect(open()).rejects.toThrow(
        'it holds what was spent, which documents are held for a person, and answers',
      );
      await expect(open()).rejects.toThrow('move the folder .sluice away');
    }
    expect(() => openLedgerReader(folder)).toThrow(words);
    expect(() => reopenDocuments(folder, all)).toThrow(words);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
