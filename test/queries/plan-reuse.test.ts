import { createHash } from 'node:crypto';
import { stat, unlink } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentRef } from '../../src/domain/document.ts';
import { type ReuseSettings, withoutReused } from '../../src/queries/plan-reuse.ts';
import { Workspace } from '../support/workspace.ts';
import { idsOf } from './support.ts';

describe('withoutReused', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const drop = async (id: string, content: string): Promise<DocumentRef> => {
    const { size, mtimeMs } = await stat(await workspace.drop(id, content));
    return { id, size, mtimeMs };
  };
  const asked = async (work: readonly DocumentRef[], known: ReuseSettings['known'] = new Map()) =>
    idsOf(await withoutReused(work, { inbox: workspace.inbox(), maxBytes: 1000, known }));

  test('of the same bytes one is asked', async () => {
    const work = [await drop('a.txt', 'same'), await drop('b.txt', 'same'), await drop('c.txt', 'else')];
    expect(await asked(work)).toEqual(['a.txt', 'c.txt']);
  });

  test('what the ledger has an answer to is not asked', async () => {
    const sha256 = createHash('sha256').update('known').digest('hex');
    const work = [await drop('a.txt', 'known'), await drop('b.txt', 'other')];
    expect(await asked(work, new Map([[5, new Set([sha256])]]))).toEqual(['b.txt']);
  });

  test('what has a size of its own is not read, and asked', async () => {
    const [gone, left] = [await drop('gone.txt', 'alone'), await drop('left.txt', 'longer')];
    await unlink(workspace.inbox('gone.txt'));
    expect(await asked([gone, left])).toEqual(['gone.txt', 'left.txt']);
  });

  test('what cannot be read counts as asked', async () => {
    const [one, other] = [await drop('a.txt', 'same'), await drop('b.txt', 'same')];
    await unlink(workspace.inbox('a.txt'));
    expect(await asked([one, other])).toEqual(['a.txt', 'b.txt']);
  });

  test('of nothing nothing is asked', async () => {
    expect(await asked([])).toEqual([]);
  });
});
