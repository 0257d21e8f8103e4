import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskTrouble, PathTrouble } from '../../src/domain/errors.ts';
import { openLedgerReader } from '../../src/ledger/read-ledger.ts';
import { lookIntoFolders } from '../../src/queries/look-into-folders.ts';
import { type PlanSettings, planDocuments } from '../../src/queries/plan-documents.ts';
import { memoryOf } from '../../src/queries/read-ledger-of.ts';
import { FilledLedger, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';
import { idsOf, recipesOf } from './support.ts';

const now = Date.parse('2026-03-31T12:00:00Z');
const none = { skipped: 0, failed: 0, held: 0, refused: 0, pending: 0 };

describe('planDocuments', () => {
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
  const drop = async (id: string, content?: string) => {
    const { size, mtimeMs } = await stat(await workspace.drop(id, content));
    return versionOf(id, { size, mtimeMs });
  };
  const dropDone = async (id: string) => {
    await filled.answer(await drop(id), 'Yes.');
    await write(workspace.outbox(`${id}.md`));
  };
  const planned = (changes: Partial<PlanSettings> = {}) => {
    const reader = openLedgerReader(memoryOf(workspace.root));
    const folders = lookIntoFolders(workspace.outbox(), workspace.failed());
    const settings = { inbox: workspace.inbox(), folders, recipes: recipesOf(), maxBytes: 1000, now } as const;
    const { work, counts } = planDocuments(reader, { ...settings, redo: 'changed', ...changes });
    reader?.close();
    return { work: idsOf(work), counts };
  };

  test('each document as a run would decide it', async () => {
    await dropDone('done.txt');
    await filled.answer(await drop('result-deleted.txt'), 'Yes.');
    await filled.fail(await drop('failed.txt'));
    await write(workspace.failed('failed.txt.error.json'), '{}');
    await filled.hold(await drop('held.txt'));
    await filled.begin(await drop('begun.txt'));
    await filled.settle(await drop('parked.txt'), { state: 'pending', dueAt: now + 3_600_000 });
    await drop('q1/new.txt');
    await drop('empty.txt', '');
    await drop('large.txt', 'x'.repeat(1001));
    await drop('.hidden');
    expect(planned()).toEqual({
      work: ['begun.txt', 'q1/new.txt', 'result-deleted.txt'],
      counts: { skipped: 1, failed: 1, held: 1, refused: 2, pending: 1 },
    });
  });

  test('what is done is work as far as --redo says so', async () => {
    await dropDone('done.txt');
    const another = recipesOf({ hash: 'another' });
    expect(planned({ recipes: another })).toEqual({ work: [], counts: { ...none, skipped: 1 } });
    expect(planned({ recipes: another, redo: 'stale' })).toEqual({ work: ['done.txt'], counts: none });
    expect(planned({ redo: 'stale' })).toEqual({ work: [], counts: { ...none, skipped: 1 } });
    expect(planned({ redo: 'all' })).toEqual({ work: ['done.txt'], counts: none });
  });

  test('one path that is barred waits; a disk that tells nothing is trouble', async () => {
    await drop('a.txt');
    expect(planned({ folders: refusing(new PathTrouble('barred')) }).counts).toEqual({ ...none, pending: 1 });
    expect(() => planned({ folders: refusing(new DiskTrouble('broken')) })).toThrow('broken');
  });
});

async function write(path: string, text = 'Yes.'): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function refusing(error: Error): PlanSettings['folders'] {
  const resultOf = () => {
    throw error;
  };
  return { resultOf, failedVersion: () => null };
}
