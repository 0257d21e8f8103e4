import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createLedger } from '../../src/ledger/ledger.ts';
import { migrate } from '../../src/ledger/schema.ts';
import { type Database, openDatabase, type SqlValue } from '../../src/ledger/sqlite.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answeredOf, begunOf, doneOf, versionOf } from './lives.ts';
import { makeFolder } from './support.ts';

test('checks for writes from outside again and again with one statement', () => {
  const opened = openDatabase(join(makeFolder(), 'ledger.db'));
  migrate(opened, 0);
  let statements = 0;
  const prepare: Database['prepare'] = (sql) => {
    statements += 1;
    return opened.prepare(sql);
  };
  const pragma: Database['pragma'] = (source) => {
    statements += 1;
    return opened.pragma(source);
  };
  const database = { ...opened, prepare, pragma };
  const ledger = createLedger(database, { now: () => new Date(), makeDurable: () => Promise.resolve() });
  const { scheduler, clock } = virtualTime();
  const before = statements;
  scheduler.run(({ expectObservable }) => {
    expectObservable(ledger.changedOutside(1000, clock), '10s !').toBe('');
  });
  expect(statements - before).toBe(0);
  opened.close();
});

test('a plain document takes three statements', async () => {
  const opened = openDatabase(':memory:');
  migrate(opened, 0);
  const run: string[] = [];
  const noting =
    <Result>(sql: string, work: (values?: readonly SqlValue[]) => Result) =>
    (values?: readonly SqlValue[]): Result => {
      run.push(sql.trim().split(/\s/)[0] ?? '');
      return work(values);
    };
  const prepare: Database['prepare'] = <Row>(sql: string) => {
    const statement = opened.prepare<Row>(sql);
    return {
      run: noting(sql, (values) => statement.run(values)),
      insert: noting(sql, (values) => statement.insert(values)),
      get: noting(sql, (values) => statement.get(values)),
      only: noting(sql, (values) => statement.only(values)),
      all: noting(sql, (values) => statement.all(values)),
    };
  };
  const ledger = createLedger(
    { ...opened, prepare },
    { now: () => new Date(), makeDurable: () => Promise.resolve(), gapMs: 0 },
  );
  const workOffPlainly = async (id: string) => {
    const version = versionOf(id);
    await ledger.begin(begunOf(version));
    await ledger.end(answeredOf(version, 'An answer.'));
    await ledger.settle(doneOf(version));
  };
  await workOffPlainly('first');
  run.length = 0;
  await workOffPlainly('second');
  expect(run).toEqual(['INSERT', 'INSERT', 'UPDATE']);
  await ledger.idle();
  opened.close();
});
