import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskTrouble, PathTrouble } from '../../src/domain/errors.ts';
import type { Recipes } from '../../src/domain/ports.ts';
import { openLedgerReader } from '../../src/ledger/read-ledger.ts';
import { type CountSettings, countDocuments } from '../../src/queries/count-documents.ts';
import { lookIntoFolders } from '../../src/queries/look-into-folders.ts';
import { memoryOf } from '../../src/queries/read-ledger-of.ts';
import { FilledLedger, RECIPE, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';

const now = Date.parse('2026-03-31T12:00:00Z');
const none = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };

function using(hash: string, api = RECIPE.api): Recipes {
  const recipe = { ...RECIPE, hash, api, render: () => ({ model: RECIPE.model, messages: [] }) };
  return { choose: () => recipe };
}

describe('countDocuments', () => {
  let workspace: Workspace;
  let filled: FilledLedger;

  beforeEach(async () => {
    workspace = await Workspace.make();
    filled = await FilledLedger.open(workspace.root);
  });
  afterEach(async () => {
    await filled.close();
    await workspace.remove();
  });

  /** A document in the inbox, as the ledger knows it when it is told of it now. */
  const drop = async (id: string) => {
    const { size, mtimeMs } = await stat(await workspace.drop(id));
    return versionOf(id, { size, mtimeMs });
  };
  const count = (settings: Partial<CountSettings> = {}) => {
    const reader = openLedgerReader(memoryOf(workspace.root));
    const counts = countDocuments(reader, { ...settingsOf(workspace), ...settings });
    reader?.close();
    return counts;
  };

  test('an empty workspace, and none at all', () => {
    expect(count()).toEqual(none);
    expect(countDocuments(null, { ...settingsOf(workspace), inbox: workspace.inbox('none') })).toEqual(none);
  });

  test('what nobody began is pending; what is never read does not count', async () => {
    await drop('a.txt');
    await drop('q1/b.txt');
    await drop('.hidden');
    expect(count()).toEqual({ ...none, pending: 2 });
  });

  test('each state as a run would decide it', async () => {
    await filled.answer(await drop('done.txt'), 'Yes.');
    await write(workspace.outbox('done.txt.md'));
    await filled.answer(await drop('result-deleted.txt'), 'Yes.');
    await filled.fail(await drop('failed.txt'));
    await write(workspace.failed('failed.txt.error.json'), '{}');
    await filled.fail(await drop('report-deleted.txt'));
    await filled.hold(await drop('held.txt'));
    await filled.begin(await drop('begun.txt'));
    await filled.settle(await drop('parked.txt'), { state: 'pending', dueAt: now + 3_600_000 });
    expect(count()).toEqual({ done: 1, failed: 1, held: 1, pending: 4, stale: 0 });
  });

  test('a document that changed since it was done is pending', async () => {
    await filled.answer(await drop('a.txt'), 'Yes.');
    await write(workspace.outbox('a.txt.md'));
    await workspace.drop('a.txt', 'Something else.');
    expect(count()).toEqual({ ...none, pending: 1 });
  });

  test('a result that the ledger does not know counts as done while it is newer than its document', async () => {
    const input = await workspace.drop('a.txt');
    await write(workspace.outbox('a.txt.md'));
    expect(count()).toEqual({ ...none, done: 1 });
    const later = new Date(Date.now() + 3_600_000);
    await utimes(input, later, later);
    expect(count()).toEqual({ ...none, pending: 1 });
  });

  test('tells what another recipe made', async () => {
    await filled.answer(await drop('a.txt'), 'Yes.');
    await write(workspace.outbox('a.txt.md'));
    expect(count({ recipes: using('another') })).toEqual({ ...none, done: 1, stale: 1 });
  });

  test('takes what another API answered for done, and not for stale', async () => {
    await filled.answer(await drop('a.txt'), 'Yes.');
    await write(workspace.outbox('a.txt.md'));
    await filled.answer(versionOf('archived.txt'), 'Yes.');
    expect(count({ recipes: using('another', 'elsewhere') })).toEqual({ ...none, done: 2 });
  });

  test('remembers documents whose input is gone, but for what was pending', async () => {
    await filled.answer(versionOf('archived.txt'), 'Yes.');
    await filled.fail(versionOf('failed.txt'));
    await filled.hold(versionOf('held.txt'));
    await filled.begin(versionOf('gone.txt'));
    expect(count()).toEqual({ done: 1, failed: 1, held: 1, pending: 0, stale: 0 });
    expect(count({ recipes: using('another') })).toMatchObject({ done: 1, stale: 1 });
  });

  test('one path that is barred is pending; a disk that tells nothing is trouble', async () => {
    await drop('a.txt');
    expect(count({ folders: refusing(new PathTrouble('barred')) })).toEqual({ ...none, pending: 1 });
    expect(() => count({ folders: refusing(new DiskTrouble('broken')) })).toThrow('broken');
  });
});

function settingsOf(workspace: Workspace): CountSettings {
  const folders = lookIntoFolders(workspace.outbox(), workspace.failed());
  return { inbox: workspace.inbox(), folders, recipes: using(RECIPE.hash), now };
}

async function write(path: string, text = 'Yes.'): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function refusing(error: Error): CountSettings['folders'] {
  const resultOf = () => {
    throw error;
  };
  return { resultOf, failedVersion: () => null };
}
