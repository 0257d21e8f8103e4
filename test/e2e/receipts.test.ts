import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { Receipt } from '../../src/domain/receipt.ts';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Workspace } from '../support/workspace.ts';
import { filesIn, scenes } from './scene.ts';

jest.setTimeout(60_000);

const scene = scenes();

const receiptOf = async (workspace: Workspace, id: string): Promise<Receipt> =>
  JSON.parse(await readFile(workspace.outbox(`${id}.md.receipt.json`), 'utf8')) as Receipt;

describe('--receipts', () => {
  test('files beside each result how it came about', async () => {
    const { workspace, simulator, once } = await setUp();
    await workspace.drop('q1/a.txt', 'What is this?');
    const { code, summary } = await once('--receipts');
    expect(code).toBe(0);
    expect(await filesIn(workspace.outbox())).toEqual(['q1/a.txt.md', 'q1/a.txt.md.receipt.json']);
    const receipt = await receiptOf(workspace, 'q1/a.txt');
    expect(receipt).toMatchObject({
      document: 'q1/a.txt',
      sha256: hash('sha256', 'What is this?'),
      size: 13,
      result: 'q1/a.txt.md',
      api: simulator.url,
      attempts: 1,
      costUnknownAttempts: 0,
      reusedFrom: null,
    });
    expect(receipt.costUsd).toBe(summary['costUsd']);
    expect(receipt.generationId).not.toBeNull();
  });

  test('says whose answer was reused, at no cost', async () => {
    const { workspace, once } = await setUp();
    await workspace.drop('a.txt', 'The same bytes.');
    await once('--receipts');
    await workspace.drop('b.txt', 'The same bytes.');
    expect((await once('--receipts')).summary).toMatchObject({ reused: 1, attempts: 0 });
    expect(await receiptOf(workspace, 'b.txt')).toMatchObject({
      document: 'b.txt',
      result: 'b.txt.md',
      costUsd: 0,
      attempts: 0,
      reusedFrom: 'a.txt',
    });
  });

  test('counts every call that was made for it', async () => {
    const { workspace, once } = await setUp({ faults: [{ kind: 'status', status: 503, attempts: [1] }] });
    await workspace.drop('a.txt');
    expect((await once('--receipts')).summary).toMatchObject({ attempts: 2, succeeded: 1 });
    expect(await receiptOf(workspace, 'a.txt')).toMatchObject({ attempts: 2, costUnknownAttempts: 0 });
  });

  test('is off by default', async () => {
    const { workspace, once } = await setUp();
    await workspace.drop('a.txt');
    await once();
    expect(await filesIn(workspace.outbox())).toEqual(['a.txt.md']);
  });
});

async function setUp(plan: FaultPlan = {}) {
  const set = await scene(plan);
  return {
    workspace: set.workspace,
    simulator: set.simulator,
    once: (...args: readonly string[]) => set.once(args),
  };
}
