import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { type Database, isBusy, isDamage, openDatabase, textOf } from '../../src/ledger/sqlite.ts';
import { makeFolder } from './support.ts';

interface Row {
  readonly id: number;
  readonly name: string | null;
}

function openTable(): Database {
  const database = openDatabase(join(makeFolder(), 'a ?#%41.db'));
  database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)');
  return database;
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('openDatabase', () => {
  test('gives rows with their columns alone', () => {
    const database = openTable();
    database.prepare('INSERT INTO things VALUES (?, ?)').run([1, null]);
    database.prepare('INSERT INTO things VALUES (?2, ?1)').run(['b', 2]);
    const rows = [
      { id: 1, name: null },
      { id: 2, name: 'b' },
    ];
    const all = database.prepare<Row>('SELECT * FROM things ORDER BY id');
    expect(all.all()).toEqual(rows);
    expect(all.get()).toEqual(rows[0]);
    expect(database.prepare<Row>('SELECT * FROM things WHERE name = ?').get(['c'])).toBeUndefined();
    expect(database.prepare<Row>('SELECT * FROM things WHERE name IS ?').get([null])).toEqual(rows[0]);
    expect(database.prepare<Row>('SELECT * FROM things WHERE ?1 = name OR name = ?1').all(['b'])).toHaveLength(1);
    database.close();
  });

  test('says which row an INSERT made, or that it made none', () => {
    const database = openTable();
    const insert = database.prepare('INSERT INTO things (name) VALUES (?) ON CONFLICT (name) DO NOTHING');
    expect(['a', 'b', 'a', 'c'].map((name) => insert.insert([name]))).toEqual([1, 2, null, 3]);
    database.close();
  });

  test('the only row of a statement is there, or that is a mistake', () => {
    const database = openTable();
    expect(database.prepare<{ rows: number }>('SELECT count(*) AS rows FROM things').only()).toEqual({ rows: 0 });
    expect(() => database.prepare('SELECT * FROM things').only()).toThrow('no row of: SELECT * FROM things');
    database.close();
  });

  test('a damaged page bars the rows on it alone', () => {
    const file = join(makeFolder(), 'things.db');
    const writing = openDatabase(file);
    writing.exec(`CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO things SELECT value, hex(zeroblob(50)) FROM generate_series(1, 500)`);
    const second = writing
      .prepare<{ pgoffset: number }>("SELECT pgoffset FROM dbstat WHERE name = 'things' AND pagetype = 'leaf'")
      .all()[1];
    writing.close();
    const bytes = readFileSync(file);
    bytes.fill(255, second?.pgoffset, (second?.pgoffset ?? 0) + 4096);
    writeFileSync(file, bytes);
    const database = openDatabase(file);
    const one = database.prepare<Row>('SELECT * FROM things WHERE id = ?');
    expect(isDamage(errorOf(() => one.get([50])))).toBe(true);
    expect(one.get([1])).toMatchObject({ id: 1 });
    expect(one.get([500])).toMatchObject({ id: 500 });
    database.close();
  });

  test('gives more rows than the driver reads at once', () => {
    const database = openTable();
    database.exec('INSERT INTO things (id) SELECT value FROM generate_series(1, 250)');
    expect(database.prepare<Row>('SELECT * FROM things').all()).toHaveLength(250);
    database.close();
  });

  test('a transaction that throws leaves nothing', () => {
    const database = openTable();
    const insert = database.prepare('INSERT INTO things VALUES (?, ?)');
    const work = () => {
      insert.run([1, 'a']);
      insert.run([2, 'a']);
    };
    const error = errorOf(() => database.transaction(work));
    expect(error).toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
    expect(error).not.toBeInstanceOf(DiskError);
    expect(database.prepare('SELECT * FROM things').all()).toEqual([]);
    expect(database.transaction(() => 'worked')).toBe('worked');
    database.close();
  });

  test('a text is read whole as a blob, whatever is in it', () => {
    const database = openTable();
    database.prepare('INSERT INTO things VALUES (1, ?)').run(['a\0ä']);
    const row = database.prepare<{ name: ArrayBuffer }>('SELECT CAST(name AS BLOB) AS name FROM things').get();
    expect(row && textOf(row.name)).toBe('a\0ä');
    database.close();
  });

  test('a pragma gives its first value', () => {
    const database = openTable();
    expect(database.pragma('user_version')).toBe(0);
    expect(database.pragma('busy_timeout')).toBe(5000);
    database.close();
  });

  test('read-only neither makes a file nor writes one', () => {
    const folder = makeFolder();
    const file = join(folder, 'a.db');
    expect(() => openDatabase(file, { readonly: true })).toThrow(/cannot be opened.*SQLITE_CANTOPEN/);
    expect(existsSync(file)).toBe(false);
    const writer = openDatabase(file);
    writer.exec('CREATE TABLE things (id)');
    const reader = openDatabase(file, { readonly: true });
    expect(() => reader.exec('INSERT INTO things VALUES (1)')).toThrow(/cannot be written.*SQLITE_READONLY/);
    writer.close();
    reader.close();
  });

  test('says that another program has the file', () => {
    const file = join(makeFolder(), 'a.db');
    const [one, other] = [openDatabase(file), openDatabase(file, { busyTimeoutMs: 0 })];
    one.exec('BEGIN EXCLUSIVE');
    const error = errorOf(() => other.transaction(() => undefined));
    expect(error).toBeInstanceOf(DiskError);
    expect(isBusy(error)).toBe(true);
    one.exec('COMMIT');
    expect(other.transaction(() => 'free')).toBe('free');
    one.close();
    other.close();
  });

  test('knows damage from other errors, and reports it', () => {
    const file = join(makeFolder(), 'a.db');
    writeFileSync(file, 'this is no database, and was never meant to be one'.repeat(200));
    let calls = 0;
    const database = openDatabase(file, { onDamage: () => void (calls += 1) });
    const error = errorOf(() => database.pragma('user_version'));
    expect(error).toBeInstanceOf(DiskError);
    expect(isDamage(error)).toBe(true);
    expect(calls).toBe(1);
    expect(isDamage(new Error('SQLITE_CORRUPT'))).toBe(false);
    database.close();
  });
});
