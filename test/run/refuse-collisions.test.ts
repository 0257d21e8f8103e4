import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError, UsageError } from '../../src/domain/errors.ts';
import { loadRecipes } from '../../src/run/prepare.ts';
import { refuseCollisions } from '../../src/run/refuse-collisions.ts';
import { Workspace } from '../support/workspace.ts';
import { hint, preparedOf } from './support.ts';

describe('results of the same name', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
    await mkdir(join(workspace.root, 'recipes'));
    for (const id of ['a.txt', 'b.txt']) await workspace.drop(id);
  });
  afterEach(() => workspace.remove());

  const looked = async (name: string, recipe = 'recipes/default.prompt') => {
    await writeFile(join(workspace.root, recipe), `---\noutput: {name: "${name}"}\n---\nSummarise.`);
    const { options } = preparedOf({ root: workspace.root });
    const recipes = loadRecipes({ options, hint }, () => 0);
    return () => refuseCollisions({ ...options, recipes, folder: join(workspace.root, 'recipes') });
  };

  test('are refused before anything is asked, with both documents and the recipe', async () => {
    const look = await looked('{{folder}}/summary');
    expect(look).toThrow(UsageError);
    expect(look).toThrow(
      /^[ab]\.txt and [ab]\.txt would both have the result .*summary\.md: .*recipes\/default\.prompt/,
    );
  });

  test('cannot be told apart if the folder of recipes cannot be listed: an error of the disk', async () => {
    const look = await looked('{{folder}}/summary');
    await rm(join(workspace.root, 'recipes'), { recursive: true });
    await writeFile(join(workspace.root, 'recipes'), 'no folder');
    expect(look).toThrow(DiskError);
    expect(look).toThrow(/recipes cannot be listed/);
  });

  test.each([
    ['is met by that of a document that keeps its name', ['notes', 'notes.txt']],
    ['is that of a document in another folder', ['c.txt', 'q1/c.txt']],
  ])('are refused where the one that the recipe names %s', async (_, ids) => {
    for (const id of ids) await workspace.drop(id);
    const look = await looked('{{stem}}');
    expect(look).toThrow(UsageError);
    for (const id of ids) expect(look).toThrow(id);
    expect(look).toThrow('output.name in the recipe recipes/default.prompt must tell them apart');
  });

  test('are refused if the other document has a recipe that names nothing, which is not the one to mend', async () => {
    await workspace.drop('q1/a');
    await workspace.drop('q1/_recipe.md', 'Classify.');
    const look = await looked('q1/{{stem}}');
    expect(look).toThrow(/a\.txt and q1\/a would both .* recipes\/default\.prompt must tell/);
  });

  test('are none of documents that all keep their names', async () => {
    for (const id of ['notes', 'notes.txt']) await workspace.drop(id);
    expect(await looked('{{path}}')).not.toThrow();
  });

  test('are none if the recipe tells them apart', async () => {
    expect(await looked('{{stem}}-summary')).not.toThrow();
  });

  test('are none of a recipe that no document has', async () => {
    expect(await looked('summary-{{extension}}', 'recipes/elsewhere.prompt')).not.toThrow();
  });
});
