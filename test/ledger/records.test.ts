import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { DocumentRecord } from '../../src/domain/ledger.ts';
import { readersToText } from '../../src/ledger/lookups.ts';
import { Records } from '../../src/ledger/records.ts';
import { migrate } from '../../src/ledger/schema.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { API, RECIPE } from './lives.ts';
import { makeFolder } from './support.ts';

interface Kept extends DocumentRecord {
  readonly id: string;
}

function open(): Database {
  const database = openDatabase(join(makeFolder(), 'ledger.db'));
  migrate(database, 0);
  const { hash, name, model, api } = RECIPE;
  database.prepare('INSERT INTO recipes VALUES (1, ?, ?, ?, ?)').run([hash, name, model, api]);
  return database;
}

function keep(database: Database, documents: readonly Kept[], current = 1): void {
  const insert = database.prepare(`
    INSERT INTO versions (document, sha256, size, modified_ms, ctime_ms, inode, current, state, api, recipe_id, due_at,
      readers, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')
  `);
  database.transaction(() => {
    for (const { id, state, size, mtimeMs, ctimeMs = null, inode = null, api, recipe, dueAt, readers } of documents) {
      const due = dueAt === null ? null : new Date(dueAt).toISOString();
      const recipeId = recipe === null ? null : 1;
      const file = [size, mtimeMs, ctimeMs, inode];
      insert.run([id, String(current), ...file, current, state, api, recipeId, due, readersToText(readers)]);
    }
  });
}

/** What schema 6 did not record. */
const UNKNOWN = { ctimeMs: null, inode: null, readers: null };

function documentOf(id: string, fields: Partial<Kept> = {}): Kept {
  return { id, state: 'done', size: 1, mtimeMs: 1, api: API, recipe: RECIPE.hash, dueAt: null, ...UNKNOWN, ...fields };
}

/** What is read of documents. */
function readBack(database: Database, documents: readonly Kept[]): readonly unknown[] {
  const records = new Records(database);
  return documents.map(({ id }) => ({ id, ...records.get(id) }));
}

test('reads nothing of an empty ledger', () => {
  const database = open();
  expect(new Records(database).get('a')).toBeUndefined();
  database.close();
});

test('reads every kind of record as it was written', () => {
  const database = open();
  const documents = [
    documentOf('a'),
    documentOf('pending', { state: 'pending', dueAt: Date.UTC(2026, 3, 1, 12, 0, 0, 250) }),
    documentOf('found', { recipe: null }),
    documentOf('seen', { ctimeMs: 1_700_000_000_000.25, inode: 12 }),
    documentOf('network', { ctimeMs: 1_700_000_000_000.25, inode: 2 ** 64 - 2 ** 11 }),
    documentOf('text', { readers: [] }),
    documentOf('office', { readers: ['docx/2'] }),
    documentOf('mail', { readers: ['docx/2', 'eml/3'] }),
    documentOf('elsewhere', { api: 'https://elsewhere.test/v1', state: 'failed' }),
    documentOf('large', { size: 9_007_199_254_740_991 }),
    documentOf('folder/with "quotes"\\ and\nlines, ä€😀'),
  ];
  keep(database, documents);
  expect(readBack(database, documents)).toEqual(documents);
  database.close();
});

test.each([
  0,
  1,
  0.5,
  1_700_000_000_000,
  1_700_000_000_000.25,
  1_784_038_400_123 + 1234 / 4096,
  1_769_904_000_000 + 4095 / 4096,
  2 ** 41 - 1 / 4096,
  -1_000.25,
])('a time of %p milliseconds loses nothing', (mtimeMs) => {
  const database = open();
  keep(database, [documentOf('a', { mtimeMs })]);
  expect(readBack(database, [documentOf('a', { mtimeMs })])).toEqual([documentOf('a', { mtimeMs })]);
  database.close();
});

test('reads more documents than go on one page, and of each its current version alone', () => {
  const database = open();
  const documents = Array.from({ length: 5001 }, (_, index) => documentOf(`document-${index}`, { size: index }));
  keep(
    database,
    documents.map((document) => ({ ...document, state: 'replaced' as const })),
    0,
  );
  keep(database, documents);
  expect(readBack(database, documents)).toEqual(documents);
  database.close();
});

test('reads what a transaction changed when that is committed, and all again when asked to', () => {
  const database = open();
  keep(database, [documentOf('a'), documentOf('b')]);
  const records = new Records(database);
  database.exec("UPDATE versions SET state = 'failed'");
  const committed = records.changed('a');
  expect(records.get('a')?.state).toBe('done');
  committed();
  expect([records.get('a')?.state, records.get('b')?.state]).toEqual(['failed', 'done']);
  records.refresh();
  expect(records.get('b')?.state).toBe('failed');
  records.set('c', documentOf('c'));
  records.changed('c')();
  expect(records.get('c')?.state).toBe('done');
  database.close();
});
