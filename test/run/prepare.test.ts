import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { type Prepared, prepare } from '../../src/run/prepare.ts';
import { resolveOptions } from '../cli/options/support.ts';
import { Workspace } from '../support/workspace.ts';
import { hint } from './support.ts';

const KEY = 'sk-or-v1-key';

describe('prepare', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  /** Over the workspace, unless `flags` says otherwise. */
  const prepared = (flags: Readonly<Record<string, unknown>>, environment = {}): Prepared => {
    const currentFolder = workspace.root;
    const resolved = resolveOptions({ flags: { root: workspace.root, ...flags }, environment, currentFolder });
    return prepare({ ...resolved, environment, hint }, () => performance.now());
  };

  test('makes the folders that are missing, and finds the key', async () => {
    const { access, api, notes } = prepared({}, { OPENROUTER_API_KEY: KEY });
    expect({ key: access.key, api: api.name, notes }).toEqual({ key: KEY, api: 'openrouter', notes: [] });
    expect((await readdir(workspace.root)).toSorted()).toEqual(['failed', 'inbox', 'outbox']);
  });

  test('says that it made the default workspace', async () => {
    const { notes } = prepared({ root: undefined, api: 'simulator' });
    expect(notes).toEqual([`Made the workspace ${workspace.root}/watch.`]);
  });

  test('says which file was meant to be the default recipe, also where it is missed', async () => {
    await mkdir(join(workspace.root, 'recipes'));
    await writeFile(join(workspace.root, 'recipes', 'defualt.prompt'), 'Summarize.');
    const { notes, recipes } = prepared({}, { OPENROUTER_API_KEY: KEY });
    expect(notes).toEqual(['recipes/defualt.prompt is not used: did you mean default.prompt?']);
    const why = recipes.choose({ id: 'a.txt' }).barred;
    expect(why).toMatch(
      /-p "Sum.*, or rename recipes\/defualt\.prompt \(did you mean default\.prompt\?\), or .* --no-recipe/,
    );
    expect(
      prepared({ 'no-recipe': true }, { OPENROUTER_API_KEY: KEY }).recipes.choose({ id: 'a.txt' }).barred,
    ).toBeNull();
  });

  test('says that how long to think is not sent, where the API does not take it', async () => {
    const flags = { api: 'anthropic', model: 'claude-sonnet-4-5' };
    const environment = { ANTHROPIC_API_KEY: KEY };
    expect(prepared({ ...flags, reasoning: 'low' }, environment).notes).toEqual([
      '--reasoning is not sent: anthropic takes no word of how long to think.',
    ]);
    expect(prepared(flags, environment).notes).toEqual([]);
  });

  test('says which recipes no document has, but not if one is named for all', async () => {
    await mkdir(join(workspace.root, 'recipes'));
    for (const name of ['q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'default'])
      await writeFile(join(workspace.root, 'recipes', `${name}.md`), 'Sum it up.');
    expect(prepared({ api: 'simulator' }).notes).toEqual([
      expect.stringMatching(
        /^No document has the recipe recipes\/q1.md, (?:recipes\/q\d.md, ){3}recipes\/q5.md and 1 more now:/,
      ),
    ]);
    expect(prepared({ api: 'simulator', recipe: 'recipes/q1.md' }).notes).toEqual([]);
  });

  test.each([
    ['the simulator', { api: 'simulator' }, { OPENROUTER_API_KEY: KEY }, null],
    ['an API on this machine that has none', { api: 'http://127.0.0.1:9/v1' }, {}, null],
    ['an API on this machine that takes it', { api: 'http://127.0.0.1:9/v1' }, { SLUICE_API_KEY: KEY }, KEY],
  ])('gives the key to no other than it is meant for: %s', async (_, flags, environment, expected) => {
    expect(prepared(flags, environment).access.key).toBe(expected);
  });

  describe('refuses, before it makes a folder,', () => {
    test.each([
      ['an API without a model of its own', { api: 'ollama' }, {}, '--api ollama needs --model'],
      ['an API elsewhere without a key', {}, {}, 'OPENROUTER_API_KEY'],
      [
        'a key that is meant for another API',
        { api: 'openai', model: 'm' },
        { OPENROUTER_API_KEY: KEY },
        'OPENAI_API_KEY',
      ],
      ['a recipe that is not there', { api: 'simulator', recipe: 'none.md' }, {}, 'none.md'],
      ['an inbox that was named and is not there', { api: 'simulator', inbox: 'elsewhere' }, {}, '--inbox'],
    ])('%s', async (_, flags, environment, words) => {
      const refused = () => prepared(flags, environment);
      expect(refused).toThrow(UsageError);
      expect(refused).toThrow(words);
      expect(await readdir(workspace.root)).toEqual(['inbox']);
    });
  });

  test('takes a model for such an API from the configuration file too', async () => {
    await writeFile(join(workspace.root, 'sluice.config.yaml'), 'model: llama3\n');
    expect(prepared({ api: 'ollama' }).options.model).toBe('llama3');
  });
});
