import { describe, expect, test } from '@jest/globals';
import { lookIntoFolders } from '../../../src/cli/inspect/workspace.ts';
import { type PlanSettings, planDocuments } from '../../../src/cli/plan/documents.ts';
import type { DocumentRef } from '../../../src/domain/document.ts';
import { DiskError, PathError } from '../../../src/domain/errors.ts';
import { converter, idsOf, recipesOf, refusing, scenes, write } from '../scenes.ts';

const now = Date.parse('2026-03-31T12:00:00Z');
const none = { skipped: 0, failed: 0, held: 0, pending: 0 };

function byStem({ id }: Pick<DocumentRef, 'id'>) {
  return { name: id.replace(/\.txt$/, ''), ending: '.md' };
}

describe('planDocuments', () => {
  const scene = scenes();
  const planned = (changes: Partial<PlanSettings> = {}) =>
    scene.read((reader) => {
      const { workspace } = scene;
      const folders = lookIntoFolders(workspace.outbox(), workspace.failed());
      const settings = {
        inbox: workspace.inbox(),
        folders,
        recipes: recipesOf(),
        converter,
        maxBytes: 1000,
        limit: null,
        asked: new Set<string>(),
        now,
      } as const;
      const { work, refusals, ...others } = planDocuments(reader, { ...settings, redo: 'changed', ...changes });
      return { work: idsOf(work), refusals: Object.fromEntries(refusals), ...others };
    });

  test('each document as a run would decide it', async () => {
    const { filled } = scene;
    await scene.dropDone('done.txt');
    await filled.answer(await scene.drop('result-deleted.txt'), 'Yes.');
    await filled.fail(await scene.drop('failed.txt'));
    await write(scene.workspace.failed('failed.txt.error.json'), '{}');
    await filled.hold(await scene.drop('held.txt'));
    await filled.begin(await scene.drop('begun.txt'));
    await filled.settle(await scene.drop('parked.txt'), { state: 'pending', dueAt: now + 3_600_000 });
    await scene.drop('q1/new.txt');
    await scene.drop('empty.txt', '');
    await scene.drop('large.txt', 'x'.repeat(1001));
    await scene.drop('.hidden');
    expect(planned()).toEqual({
      work: ['begun.txt', 'q1/new.txt', 'result-deleted.txt'],
      counts: { skipped: 1, failed: 1, held: 1, pending: 1 },
      refusals: { empty: 1, 'too-large': 1 },
      unmatched: [],
      recipes: [],
    });
  });

  test('what --limit leaves is pending; only what would be taken up counts', async () => {
    await scene.dropDone('a.txt');
    await scene.drop('b.txt', '');
    for (const id of ['c.txt', 'd.txt', 'e.txt']) await scene.drop(id);
    expect(planned({ limit: 2 })).toMatchObject({
      work: ['c.txt'],
      counts: { ...none, skipped: 1, pending: 2 },
      refusals: { empty: 1 },
    });
  });

  test('what is done is work as far as --redo says so', async () => {
    await scene.dropDone('done.txt');
    const recipes = recipesOf({ hash: 'another' });
    expect(planned({ recipes })).toMatchObject({ work: [], counts: { ...none, skipped: 1 } });
    expect(planned({ recipes, redo: 'stale' })).toMatchObject({ work: ['done.txt'], counts: none });
    expect(planned({ redo: 'stale' })).toMatchObject({ work: [], counts: { ...none, skipped: 1 } });
    expect(planned({ redo: 'all' })).toMatchObject({ work: ['done.txt'], counts: none });
    const asked = new Set(['done.txt']);
    expect(planned({ redo: 'all', asked })).toMatchObject({ work: [], counts: { ...none, skipped: 1 } });
    expect(planned({ redo: 'all', asked, recipes })).toMatchObject({ work: ['done.txt'], counts: none });
    await scene.filled.fail(await scene.drop('failed.txt'));
    await write(scene.workspace.failed('failed.txt.error.json'), '{}');
    expect(planned({ redo: 'all' })).toMatchObject({ work: ['done.txt', 'failed.txt'], counts: none });
  });

  test('the result of another document does not count as its own, even in its place', async () => {
    await scene.drop('notes');
    const result = { state: 'done', result: 'notes.md', fingerprint: 'print', reused: false, readers: [] } as const;
    await scene.filled.settle(await scene.drop('notes.txt'), result);
    await scene.putResult('notes.md');
    expect(planned({ recipes: recipesOf({ place: byStem }) })).toMatchObject({
      work: ['notes'],
      counts: { ...none, skipped: 1 },
    });
  });

  test('what waits for a recipe to be corrected is pending, and the recipe named', async () => {
    await scene.dropDone('q1/done.txt');
    await scene.drop('q1/new.txt');
    await scene.drop('q2/new.txt');
    const recipes = recipesOf({}, { q1: { name: 'inbox/q1/_recipe.md', hash: '', barred: 'it is empty' } });
    expect(planned({ recipes })).toMatchObject({
      work: ['q2/new.txt'],
      counts: { ...none, skipped: 1, pending: 1 },
      recipes: [{ name: 'inbox/q1/_recipe.md', reason: 'it is empty', documents: 1 }],
    });
    expect(planned({ recipes, redo: 'all' })).toMatchObject({ counts: { ...none, pending: 2 } });
  });

  test('a path that cannot be looked at waits; a disk that fails is an error', async () => {
    await scene.drop('a.txt');
    expect(planned({ folders: refusing(new PathError('barred')) }).counts).toEqual({ ...none, pending: 1 });
    expect(() => planned({ folders: refusing(new DiskError('broken')) })).toThrow('broken');
  });
});
