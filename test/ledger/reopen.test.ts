import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { reopenDocuments } from '../../src/ledger/reopen.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { FilledLedger, failedAttempt, versionOf } from '../support/filled-ledger.ts';

const all = { matches: () => true, code: null };

describe('reopenDocuments', () => {
  let root: string;
  let folder: string;
  let filled: FilledLedger;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'sluice-reopen-'));
    folder = join(root, '.sluice');
    filled = await FilledLedger.open(root);
  });
  afterEach(async () => {
    await filled.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('is null where nothing was recorded', () => {
    expect(reopenDocuments(join(root, 'other'), all)).toBeNull();
  });

  test('takes failed and held documents back, beside the process that works; their attempts no longer count', async () => {
    const failed = versionOf('b.txt');
    await filled.fail(failed, 'server-error', [failedAttempt(1), failedAttempt(2)]);
    await filled.hold(versionOf('a.txt'));
    await filled.answer(versionOf('c.txt'), 'Yes.');
    expect(reopenDocuments(folder, all)).toEqual([
      { id: 'a.txt', was: 'held' },
      { id: 'b.txt', was: 'failed' },
    ]);
    expect(await filled.ledger.version('b.txt', 'sha-of-b.txt')).toMatchObject({
      state: 'pending',
      code: null,
      reason: null,
      attempts: [],
      lastNumber: 2,
    });
    expect(await filled.ledger.version('c.txt', 'sha-of-c.txt')).toMatchObject({ state: 'done' });
    expect(reopenDocuments(folder, all)).toEqual([]);
  });

  test('takes back what waits for its time, and not what is merely pending', async () => {
    await filled.settle(versionOf('a.txt'), { state: 'pending', dueAt: Date.now() + 1e9 });
    await filled.settle(versionOf('b.txt'), { state: 'pending', dueAt: Date.now() + 1e9 });
    expect(reopenDocuments(folder, { ...all, matches: (id) => id === 'a.txt' })).toEqual([
      { id: 'a.txt', was: 'parked' },
    ]);
    expect(reopenDocuments(folder, all)).toEqual([{ id: 'b.txt', was: 'parked' }]);
    expect(reopenDocuments(folder, all)).toEqual([]);
  });

  test('leaves older versions alone', async () => {
    await filled.fail(versionOf('a.txt', { sha256: 'old' }));
    await filled.answer(versionOf('a.txt', { sha256: 'new' }), 'Yes.');
    expect(reopenDocuments(folder, all)).toEqual([]);
    expect(await filled.ledger.version('a.txt', 'old')).toMatchObject({ state: 'failed' });
  });

  test('takes those alone that match, and that failed for the reason asked for', async () => {
    await filled.fail(versionOf('a.txt'), 'refused');
    await filled.fail(versionOf('b.txt'), 'refused');
    await filled.fail(versionOf('c.txt'), 'too-long');
    expect(reopenDocuments(folder, { matches: (id) => id !== 'a.txt', code: 'refused' })).toEqual([
      { id: 'b.txt', was: 'failed' },
    ]);
    expect(reopenDocuments(folder, { matches: (id) => id === 'b.txt', code: null })).toEqual([]);
  });

  test('a reason that no failure has is a mistake, and the reasons are named', async () => {
    expect(reopenDocuments(folder, { ...all, code: 'refused' })).toEqual([]);
    await filled.fail(versionOf('a.txt'), 'too-long');
    await filled.hold(versionOf('b.txt'));
    const mistaken = () => reopenDocuments(folder, { ...all, code: 'refused' });
    expect(mistaken).toThrow(UsageError);
    expect(mistaken).toThrow('No document failed for the reason "refused". The reasons are: in-doubt, too-long.');
  });

  test('takes thousands', async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => `${index}.txt`);
    await Promise.all(ids.map((id) => filled.settle(versionOf(id), { state: 'failed', code: 'x', reason: 'x' })));
    expect(reopenDocuments(folder, all)).toHaveLength(ids.length);
    const database = openDatabase(join(folder, 'ledger.db'), { readonly: true });
    const pending = database.prepare<{ n: number }>("SELECT count(*) AS n FROM versions WHERE state = 'pending'").get();
    database.close();
    expect(pending).toEqual({ n: ids.length });
  });
});
