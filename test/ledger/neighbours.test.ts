import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openExisting } from '../../src/ledger/reader.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { versionOf, workOff } from './lives.ts';
import { makeFolder } from './support.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEIGHBOUR = fileURLToPath(new URL('./neighbour.ts', import.meta.url));
const MILLISECONDS = 6000;

async function neighbour(folder: string, role: string): Promise<Readonly<Record<string, number>>> {
  const script = ['--import', './tools/typescript.mjs', NEIGHBOUR, folder, role, String(MILLISECONDS)];
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: ROOT });
  return JSON.parse(stdout) as Record<string, number>;
}

test('a run, retry, status and show at the same time leave a sound ledger, with all that was written', async () => {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  await workOff(ledger, versionOf('first'), 'An answer.');
  await ledger.close();
  const [run = {}, ...others] = await Promise.all(
    ['run', 'retry', 'retry', 'status', 'show'].map((role) => neighbour(folder, role)),
  );
  expect(run['done']).toBeGreaterThan(100);
  expect(others.map(({ times = 0, sum = 0 }) => times > 5 && sum > 5)).toEqual([true, true, true, true]);

  const database = openDatabase(join(folder, 'ledger.db'));
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  const count =
    "SELECT sum(state = 'done') AS done, sum(state <> 'done') AS failed FROM versions WHERE document <> 'first'";
  expect(database.prepare(count).all()).toEqual([run]);
  expect(database.prepare("SELECT count(*) AS calls FROM calls WHERE code = 'answered'").all()).toEqual([
    { calls: (run['done'] ?? 0) + 1 },
  ]);
  database.close();
}, 60_000);

test('only the process that holds the workspace moves the log into the database', async () => {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  await workOff(ledger, versionOf('a.md'), 'An answer.');
  const beside = openExisting(folder, {});
  const reader = openExisting(folder, { readonly: true });
  expect([beside, reader].map((database) => database?.pragma('wal_autocheckpoint'))).toEqual([0, 0]);
  expect(() => reader?.pragma('wal_checkpoint(PASSIVE)')).toThrow(DiskError);
  beside?.close();
  reader?.close();
  await ledger.close();
});
