import { stat, utimes } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { type CountSettings, countDocuments } from '../../../src/cli/inspect/count-documents.ts';
import { lookIntoFolders } from '../../../src/cli/inspect/workspace.ts';
import { DiskError, PathError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { converter, recipesOf, refusing, scenes, write } from '../scenes.ts';

const now = Date.parse('2026-03-31T12:00:00Z');
const none = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };

describe('countDocuments', () => {
  const scene = scenes();
  const settings = (): CountSettings => {
    const { workspace } = scene;
    const folders = lookIntoFolders(workspace.outbox(), workspace.failed());
    return { inbox: workspace.inbox(), folders, failed: workspace.failed(), recipes: recipesOf(), converter, now };
  };
  const found = (changes: Partial<CountSettings> = {}) =>
    scene.read((reader) => countDocuments(reader, { ...settings(), ...changes }));
  const count = (changes: Partial<CountSettings> = {}) => found(changes).documents;

  test('an empty workspace, and none at all', () => {
    const nothing = { answeredElsewhere: {}, failures: [], heldBack: [], waiting: [] };
    const counts = { documents: none, staleGone: 0, outdatedReaders: {}, recipes: [], ...nothing };
    expect(found()).toEqual(counts);
    const nowhere = { ...settings(), inbox: scene.workspace.inbox('none') };
    expect(countDocuments(null, nowhere)).toEqual(counts);
  });

  test('a document that was not begun is pending; what is never read does not count', async () => {
    await scene.drop('a.txt');
    await scene.drop('q1/b.txt');
    await scene.drop('.hidden');
    await scene.drop('_recipe.md');
    await scene.drop('letter.doc/1.txt');
    await scene.drop('letter.doc/2.txt');
    expect(count()).toEqual({ ...none, pending: 3 });
  });

  test('each state as a run would decide it', async () => {
    const { filled } = scene;
    await scene.dropDone('done.txt');
    await filled.answer(await scene.drop('result-deleted.txt'), 'Yes.');
    await filled.fail(await scene.drop('failed.txt'));
    await write(scene.workspace.failed('failed.txt.error.json'), '{}');
    await filled.fail(await scene.drop('report-deleted.txt'));
    await filled.hold(await scene.drop('held.txt'));
    await filled.begin(await scene.drop('begun.txt'));
    await filled.settle(await scene.drop('parked.txt'), { state: 'pending', dueAt: now + 3_600_000 });
    await scene.drop('unknown.txt');
    const { size, mtimeMs } = await stat(scene.workspace.inbox('unknown.txt'));
    const report = { document: { id: 'unknown.txt', size, mtimeMs }, code: 'empty', reason: 'It is empty.' };
    await write(scene.workspace.failed('unknown.txt.error.json'), JSON.stringify(report));
    const { documents, failures, heldBack, waiting } = found();
    expect(documents).toEqual({ done: 1, failed: 2, held: 1, pending: 4, stale: 0 });
    expect(failures).toEqual([
      { code: 'server-error', documents: [{ document: 'failed.txt', reason: 'It failed: server-error.' }] },
      { code: 'empty', documents: [{ document: 'unknown.txt', reason: 'It is empty.' }] },
    ]);
    expect(heldBack).toMatchObject([{ code: 'in-doubt', documents: [{ document: 'held.txt' }] }]);
    expect(waiting).toEqual([
      { reason: 'its result or report was removed', documents: 2, dueAt: null },
      { reason: 'asked, without an answer so far', documents: 1, dueAt: null },
      { reason: 'the API asked to wait', documents: 1, dueAt: '2026-03-31T13:00:00.000Z' },
    ]);
    expect(count({ exclude: ['failed.*', 'unknown.*', 'held.*', 'begun.*'] })).toEqual({
      ...none,
      done: 1,
      pending: 3,
    });
    expect(count({ include: ['q1/'] })).toEqual(none);
  });

  test('a document that changed since it was done is pending', async () => {
    await scene.dropDone('a.txt');
    await scene.drop('a.txt', 'Something else.');
    expect(count()).toEqual({ ...none, pending: 1 });
  });

  test('a result that the ledger does not know counts as done while it is newer than its document', async () => {
    await scene.drop('a.txt');
    await scene.putResult('a.txt.md');
    expect(count()).toEqual({ ...none, done: 1 });
    const later = new Date(Date.now() + 3_600_000);
    await utimes(scene.workspace.inbox('a.txt'), later, later);
    expect(count()).toEqual({ ...none, pending: 1 });
  });

  test('looks for a result in the place that the recipe gives it', async () => {
    await scene.drop('q1/a.txt');
    await scene.putResult('tables/a.csv');
    const recipes = recipesOf({ place: () => ({ name: 'tables/a', ending: '.csv' }) });
    expect(count({ recipes })).toEqual({ ...none, done: 1 });
    expect(count()).toEqual({ ...none, pending: 1 });
  });

  test('finds out whether another recipe made a result', async () => {
    await scene.dropDone('a.txt');
    await scene.dropDone('q1/b.txt');
    expect(count({ recipes: recipesOf({}, { q1: { hash: 'another' } }) })).toEqual({ ...none, done: 2, stale: 1 });
  });

  test('finds a result that another recipe put elsewhere', async () => {
    await scene.dropDone('a.txt');
    const recipes = recipesOf({ hash: 'another', place: ({ id }) => ({ name: id, ending: '.json' }) });
    expect(count({ recipes })).toEqual({ ...none, done: 1, stale: 1 });
  });

  test('takes what another API answered for done, and not for stale', async () => {
    await scene.dropDone('a.txt');
    await scene.filled.answer(versionOf('archived.txt'), 'Yes.');
    expect(count({ recipes: recipesOf({ hash: 'another', api: 'elsewhere' }) })).toEqual({ ...none, done: 2 });
  });

  test('remembers documents whose input is gone, but for what was pending', async () => {
    const { filled } = scene;
    await filled.answer(versionOf('archived.txt'), 'Yes.');
    await filled.fail(versionOf('failed.txt'));
    await filled.hold(versionOf('held.txt'));
    await filled.begin(versionOf('gone.txt'));
    expect(count()).toEqual({ done: 1, failed: 1, held: 1, pending: 0, stale: 0 });
    await scene.dropDone('here.txt');
    expect(found({ recipes: recipesOf({ hash: 'another' }) })).toMatchObject({
      documents: { done: 2, stale: 2 },
      staleGone: 1,
    });
  });

  test('names recipes that cannot be used, and how many documents wait; what they made is not called stale', async () => {
    await scene.dropDone('q1/done.txt');
    await scene.drop('q1/new.txt');
    await scene.drop('q2/new.txt');
    const broken = { name: 'inbox/q1/_recipe.prompt', hash: '', barred: 'temprature is not known' };
    expect(found({ recipes: recipesOf({}, { q1: broken }) })).toMatchObject({
      documents: { ...none, done: 1, pending: 2 },
      staleGone: 0,
      outdatedReaders: {},
      recipes: [{ name: 'inbox/q1/_recipe.prompt', reason: 'temprature is not known', documents: 1 }],
    });
  });

  test('a path that cannot be looked at is pending; a disk that fails is an error', async () => {
    await scene.drop('a.txt');
    expect(count({ folders: refusing(new PathError('barred')) })).toEqual({ ...none, pending: 1 });
    expect(() => count({ folders: refusing(new DiskError('broken')) })).toThrow('broken');
  });
});
