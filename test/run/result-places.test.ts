import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Workspace } from '../support/workspace.ts';
import { preparedIn, processContext, runOnce } from './support.ts';

describe('a run, where recipes say where results go', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
    await mkdir(join(workspace.root, 'recipes'));
  });
  afterEach(() => workspace.remove());

  const recipe = (output: string, prompt = 'Summarise.') =>
    writeFile(join(workspace.root, 'recipes/default.prompt'), `---\noutput: ${output}\n---\n${prompt}`);

  const touch = (id: string, day: string) => utimes(workspace.inbox(id), new Date(day), new Date(day));

  async function run() {
    const context = processContext();
    await runOnce(await preparedIn(workspace, { once: true, json: true }), context);
    return JSON.parse(context.printed.stdout) as unknown;
  }

  test('two documents that come to one place: one is asked, and the other fails before it is', async () => {
    await recipe('{name: "{{stem}}"}');
    for (const id of ['notes', 'notes.txt']) await workspace.drop(id);
    expect(await run()).toMatchObject({ succeeded: 1, failed: 1, attempts: 1 });
  });

  test('a document that comes later, however old its file, does not take the result of another for its own', async () => {
    await recipe('{name: "{{stem}}"}');
    await workspace.drop('notes.txt');
    expect(await run()).toMatchObject({ succeeded: 1, attempts: 1 });
    const answer = await readFile(workspace.outbox('notes.md'), 'utf8');
    await workspace.drop('notes');
    await touch('notes', '2020-01-01');
    expect(await run()).toMatchObject({ skipped: 1, failed: 1, attempts: 0 });
    expect(await readFile(workspace.outbox('notes.md'), 'utf8')).toBe(answer);
  });

  test('a document that needs a folder where the result of another belongs fails before it is asked', async () => {
    await recipe('{extension: srt}');
    await workspace.drop('x');
    await workspace.drop('x.srt/a.txt');
    await workspace.drop('x.srt/_recipe.md', 'Classify.');
    expect(await run()).toMatchObject({ succeeded: 1, failed: 1, attempts: 1 });
  });

  test('a file that was only touched is not asked again where its result lies as an earlier recipe called it', async () => {
    await recipe('{extension: txt}');
    await workspace.drop('a');
    await run();
    await recipe('{extension: text}', 'Summarise in French.');
    await touch('a', '2020-01-01');
    expect(await run()).toMatchObject({ skipped: 1, stale: 1, attempts: 0 });
    await rm(workspace.outbox('a.txt'));
    expect(await run()).toMatchObject({ succeeded: 1, attempts: 1 });
  });
});
