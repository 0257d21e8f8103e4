import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { type PlanHistory, type PlannedDocument, withoutReused } from '../../../src/cli/plan/documents.ts';
import type { Options } from '../../../src/domain/options.ts';
import { converter, idsOf, type RecipeFields, recipeOf, scenes } from '../scenes.ts';

describe('withoutReused', () => {
  const scene = scenes();
  const drop = async (id: string, content: string, recipe: RecipeFields = {}): Promise<PlannedDocument> => {
    const { document } = await scene.drop(id, content);
    return { ...document, recipe: recipeOf(recipe) };
  };
  const asked = async (
    work: readonly PlannedDocument[],
    known: PlanHistory['known'] = new Map(),
    redo: Options['redo'] = 'changed',
  ) => idsOf(await withoutReused(work, { inbox: scene.workspace.inbox(), maxBytes: 1000, converter, redo, known }));

  test('of the same bytes one is asked', async () => {
    const work = [await drop('a.txt', 'same'), await drop('b.txt', 'same'), await drop('c.txt', 'else')];
    expect(await asked(work)).toEqual(['a.txt', 'c.txt']);
  });

  test('the same bytes are asked twice by two recipes', async () => {
    expect(await asked([await drop('a.txt', 'same'), await drop('b.txt', 'same', { hash: 'another' })])).toHaveLength(
      2,
    );
  });

  test('what the ledger has an answer to is not asked', async () => {
    const sha256 = createHash('sha256').update('known').digest('hex');
    const work = [await drop('a.txt', 'known'), await drop('b.txt', 'other')];
    const answered = { document: 'c.txt', sha256, leftOut: {}, readers: [] };
    expect(await asked(work, new Map([['recipe-hash 5', [answered]]]))).toEqual(['b.txt']);
  });

  test('what another revision of a reader read is used for its own document alone, unless stale ones are redone', async () => {
    const sha256 = createHash('sha256').update('known').digest('hex');
    const work = [await drop('a.docx', 'known')];
    const known = (document: string, readers: readonly string[] | null) =>
      new Map([['recipe-hash 5', [{ document, sha256, leftOut: {}, readers }]]]);
    for (const readers of [['docx/1'], null]) {
      expect(await asked(work, known('other.docx', readers))).toEqual(['a.docx']);
      expect(await asked(work, known('a.docx', readers))).toEqual([]);
      expect(await asked(work, known('a.docx', readers), 'stale')).toEqual(['a.docx']);
    }
    expect(await asked(work, known('other.txt', null))).toEqual([]);
  });

  test('the answer to a part of a document is not used where its recipe takes only whole ones', async () => {
    const sha256 = createHash('sha256').update('known').digest('hex');
    const known = new Map([['recipe-hash 5', [{ document: 'b.txt', sha256, leftOut: { chart: 1 }, readers: [] }]]]);
    expect(await asked([await drop('a.txt', 'known')], known)).toEqual([]);
    expect(await asked([await drop('a.txt', 'known', { handling: { leftOut: 'fail' } })], known)).toEqual(['a.txt']);
  });

  test('what has a size of its own is not read, and asked', async () => {
    const [gone, left] = [await drop('gone.txt', 'alone'), await drop('left.txt', 'longer')];
    await unlink(scene.workspace.inbox('gone.txt'));
    expect(await asked([gone, left])).toEqual(['gone.txt', 'left.txt']);
  });

  test('what cannot be read counts as asked', async () => {
    const [one, other] = [await drop('a.txt', 'same'), await drop('b.txt', 'same')];
    await unlink(scene.workspace.inbox('a.txt'));
    expect(await asked([one, other])).toEqual(['a.txt', 'b.txt']);
  });

  test('no documents need no call', async () => {
    expect(await asked([])).toEqual([]);
  });
});
