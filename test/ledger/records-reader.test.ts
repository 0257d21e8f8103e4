import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { DocumentRecord } from '../../src/domain/ledger.ts';
import { migrate } from '../../src/ledger/migrations.ts';
import { recordsReader } from '../../src/ledger/records.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { API, RECIPE } from './lives.ts';
import { makeFolder } from './support.ts';

interface Kept extends DocumentRecord {
  readonly id: string;
}

function open(): Database {
  const database = openDatabase(join(makeFolder(), 'ledger.db'));
  migrate(database);
  const { hash, name, model, api } = RECIPE;
  database.prepare('INSERT INTO recipes VALUES (1, ?, ?, ?, ?)').run([hash, name, model, api]);
  return database;
}

function keep(database: Database, documents: readonly Kept[], current = 1): void {
  const insert = database.prepare(`
    INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, recipe_id, due_at, updated_at)
    VALUES (:id, :sha256, :size, :mtimeMs, :current, :state, :api, :recipeId, :dueAt, '')
  `);
  database.transaction(() => {
    for (const { id, state, size, mtimeMs, api, recipe, dueAt } of documents) {
      const due = dueAt === null ? null : new Date(dueAt).toISOString();
      const recipeId = recipe === null ? null : 1;
      insert.run({ id, sha256: String(current), size, mtimeMs, current, state, api, recipeId, dueAt: due });
    }
  });
}

function documentOf(id: string, fields: Partial<Kept> = {}): Kept {
  return { id, state: 'done', size: 1, mtimeMs: 1, api: API, recipe: RECIPE.hash, dueAt: null, ...fields };
}

/** What the table that is read says of documents. */
function readBack(database: Database, documents: readonly Kept[]): { readonly size: number; readonly rows: unknown[] } {
  const table = recordsReader(database)();
  return { size: table.size, rows: documents.map(({ id }) => ({ id, ...table.get(id) })) };
}

test('reads nothing of an empty ledger', () => {
  const database = open();
  expect(recordsReader(database)().size).toBe(0);
  database.close();
});

test('reads every kind of record as it was written', () => {
  const database = open();
  const documents = [
    documentOf('a'),
    documentOf('pending', { state: 'pending', dueAt: Date.UTC(2026, 3, 1, 12, 0, 0, 250) }),
    documentOf('found', { recipe: null }),
    documentOf('elsewhere', { api: 'https://elsewhere.test/v1', state: 'failed' }),
    documentOf('large', { size: 9_007_199_254_740_991 }),
    documentOf('folder/with "quotes"\\ and\nlines, ä€😀'),
  ];
  keep(database, documents);
  expect(readBack(database, documents)).toEqual({ size: documents.length, rows: documents });
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
  expect(readBack(database, [documentOf('a', { mtimeMs })])).toEqual({ size: 1, rows: [documentOf('a', { mtimeMs })] });
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
  expect(readBack(database, documents)).toEqual({ size: documents.length, rows: documents });
  database.close();
});
