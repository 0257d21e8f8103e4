import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createLedger } from '../../src/ledger/ledger.ts';
import { migrate } from '../../src/ledger/schema.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { makeFolder } from './support.ts';

test('looks for writes from outside again and again with one statement', () => {
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
  expect(statements - before).toBe(1);
  opened.close();
});
