import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { createGroupCommit, type GroupCommitSettings } from '../../src/ledger/group-commit.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { makeFolder } from './support.ts';

interface Scene {
  readonly database: Database;
  readonly insert: (id: number) => () => void;
  readonly ids: () => number[];
  /** How many transactions there were. */
  readonly commits: () => number;
}

function scene(file = ':memory:'): Scene {
  const opened = openDatabase(file, { busyTimeoutMs: 0 });
  opened.exec('CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY)');
  const insert = opened.prepare('INSERT INTO things VALUES (?)');
  const all = opened.prepare<{ id: number }>('SELECT id FROM things ORDER BY id');
  let commits = 0;
  const database: Database = {
    ...opened,
    transaction: (work) => {
      commits += 1;
      return opened.transaction(work);
    },
  };
  return {
    database,
    insert: (id) => () => insert.run([id]),
    ids: () => all.all().map(({ id }) => id),
    commits: () => commits,
  };
}

const durable: GroupCommitSettings = { makeDurable: () => Promise.resolve() };

/** A sync that ends when the test ends it. */
function slowSync(): GroupCommitSettings & { readonly syncs: (() => void)[] } {
  const syncs: (() => void)[] = [];
  return { syncs, makeDurable: () => new Promise((resolve) => void syncs.push(resolve)) };
}

const turn = () => new Promise((resolve) => void setImmediate(resolve));

function fail(): never {
  throw new DiskError('The disk is full.');
}

describe('createGroupCommit', () => {
  test('writes of one turn share a transaction', async () => {
    const { database, insert, ids, commits } = scene();
    const group = createGroupCommit(database, durable);
    await Promise.all([1, 2, 3].map((id) => group.write(insert(id))));
    expect(ids()).toEqual([1, 2, 3]);
    expect(commits()).toBe(1);
    await group.idle();
  });

  test('a lone write waits for no gap', async () => {
    const { database, insert, ids } = scene();
    const group = createGroupCommit(database, { ...durable, gapMs: 100 });
    let isIdle = false;
    const lone = group.write(insert(1));
    const idle = group.idle().then(() => (isIdle = true));
    await lone;
    expect(ids()).toEqual([1]);
    expect(isIdle).toBe(false);
    await idle;
  });

  test('nothing resolves before it is durable, and what comes meanwhile goes together', async () => {
    const { database, insert, commits } = scene();
    const { makeDurable, syncs } = slowSync();
    const group = createGroupCommit(database, { makeDurable, gapMs: 0 });
    const resolved: number[] = [];
    const write = (id: number) => group.write(insert(id)).then(() => resolved.push(id));
    const writes = [write(1)];
    while (syncs.length === 0) await turn();
    writes.push(write(2), write(3));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(resolved).toEqual([]);
    expect(commits()).toBe(1);
    syncs[0]?.();
    while (syncs.length === 1) await turn();
    expect(resolved).toEqual([1]);
    expect(commits()).toBe(2);
    syncs[1]?.();
    await Promise.all(writes);
    expect(resolved).toEqual([1, 2, 3]);
    await group.idle();
  });

  test('what was asked for is written also when no caller waits for it', async () => {
    const { database, insert, ids } = scene();
    const group = createGroupCommit(database, durable);
    void group.write(insert(1));
    await group.idle();
    expect(ids()).toEqual([1]);
  });

  test('writes once for each call', async () => {
    const { database, ids, insert } = scene();
    const group = createGroupCommit(database, durable);
    let id = 0;
    const next = () => group.write(() => insert((id += 1))());
    await next();
    await next();
    expect(ids()).toEqual([1, 2]);
    await group.idle();
  });

  test('an urgent write is durable long before thousands that were there first', async () => {
    const { database, insert, commits } = scene();
    const group = createGroupCommit(database, { ...durable, gapMs: 0 });
    const done: string[] = [];
    const many = Array.from({ length: 5000 }, (_, id) => group.write(insert(id)));
    const urgent = group.write(insert(5000), 'urgent').then(() => void done.push('urgent', String(commits())));
    await Promise.all([...many, urgent, many[4999]?.then(() => void done.push('last'))]);
    expect(done).toEqual(['urgent', '1', 'last']);
    expect(commits()).toBe(5);
    await group.idle();
  });

  test('one that is refused for what it says does not hinder the others', async () => {
    const { database, insert, ids } = scene();
    const group = createGroupCommit(database, durable);
    const writes = [1, 2, 2, 3].map((id) => group.write(insert(id)));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(ids()).toEqual([1, 2, 3]);
    await group.idle();
  });

  test('what follows from a write is done when it is committed, and only then', async () => {
    const { database, insert } = scene();
    const group = createGroupCommit(database, durable);
    const done: string[] = [];
    const work = (id: number, name: string) => () => {
      insert(id)();
      return () => void done.push(name);
    };
    await Promise.allSettled([group.write(work(1, 'first')), group.write(work(1, 'refused'))]);
    expect(done).toEqual(['first']);
    await group.idle();
  });

  test('an error of the disk concerns all of a group; each may be written again', async () => {
    const { database, insert, ids } = scene();
    let isFull = true;
    const group = createGroupCommit(
      { ...database, transaction: (work) => (isFull ? fail() : database.transaction(work)) },
      durable,
    );
    const outcomes = await Promise.allSettled([group.write(insert(1)), group.write(insert(2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isFull = false;
    await Promise.all([group.write(insert(1)), group.write(insert(2))]);
    expect(ids()).toEqual([1, 2]);
    await group.idle();
  });

  test('waits, without holding the thread, for another process that writes', async () => {
    const file = join(makeFolder(), 'a.db');
    const { database, insert, ids } = scene(file);
    const group = createGroupCommit(database, durable);
    const other = openDatabase(file);
    other.exec('BEGIN IMMEDIATE');
    const write = group.write(insert(1));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    other.exec('COMMIT');
    await write;
    expect(ids()).toEqual([1]);
    other.close();
    database.close();
    await group.idle();
  });

  test('does not wait for ever for another process', async () => {
    const file = join(makeFolder(), 'a.db');
    const { database, insert } = scene(file);
    const group = createGroupCommit(database, { ...durable, busyPatienceMs: 30 });
    const other = openDatabase(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(group.write(insert(1))).rejects.toThrow(/held by another program/);
    other.close();
    database.close();
    await group.idle();
  });
});
