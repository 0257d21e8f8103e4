import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Price } from '../../src/domain/ports.ts';
import { monotonicClock } from '../../src/lib/clock.ts';
import { runStarted } from '../../src/run/started.ts';
import { Workspace } from '../support/workspace.ts';
import { preparedOf } from './support.ts';

describe('what a run tells first', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const PRICES: Readonly<Record<string, Price>> = {
    'acme/one': { prompt: 1e-6, completion: 1e-5, request: 0.001 },
    'acme/two': { prompt: 2e-6, completion: 4e-6, request: 0 },
  };

  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(workspace.root, 'recipes'), { recursive: true });
    await writeFile(join(workspace.root, 'recipes', name), text);
  };

  /** `told`: the API says what they cost only when its list of models was asked for. */
  const started = async (flags: Readonly<Record<string, unknown>>, told = true) => {
    let asked = 0;
    const api = 'http://127.0.0.1:9/v1';
    const prepared = preparedOf({ root: workspace.root, api, model: 'acme/one', 'max-tokens': '1000', ...flags });
    const event = await runStarted(prepared, {
      prices: { of: (model) => (told || asked > 0 ? (PRICES[model] ?? null) : null) },
      askForCatalogue: async () => (asked += 1),
      clock: monotonicClock,
    });
    return { ...event, asked };
  };

  test('is the prompt, the model and the most that an answer can cost; prices that are known are not asked for', async () => {
    const event = await started({ prompt: 'List three facts.' });
    expect(event).toMatchObject({
      recipe: '"List three facts."',
      model: 'acme/one',
      api: 'http://127.0.0.1:9/v1',
      maxTokens: 1000,
      answerUsd: expect.closeTo(0.011, 9),
      promptUsd: expect.closeTo(1, 9),
      asked: 0,
    });
  });

  test('asks for the list of models where no price is known, and says so where it has none', async () => {
    expect(await started({ prompt: 'P' }, false)).toMatchObject({ answerUsd: expect.closeTo(0.011, 9), asked: 1 });
    expect(await started({ prompt: 'P', model: 'acme/new' })).toMatchObject({ answerUsd: null, asked: 1 });
  });

  test('is free at the simulator, which is not asked', async () => {
    expect(await started({ api: 'simulator' })).toMatchObject({
      recipe: 'no recipe (documents as they are)',
      api: 'simulator',
      answerUsd: 0,
      promptUsd: 0,
      asked: 0,
    });
  });

  test('goes by the dearest of several recipes; a cut answer may be asked for twice as long', async () => {
    await write('default.md', 'Summarize.');
    await mkdir(workspace.inbox('q1'));
    await write(
      'q1.prompt',
      '---\nmodel: acme/two\nconfig: {max_tokens: 9000}\nsluice: {on_length: retry}\n---\nSay it.',
    );
    await write('elsewhere.md', 'Its folder is not there.');
    expect(await started({})).toMatchObject({
      recipe: 'recipes/default.md, recipes/q1.prompt',
      model: 'acme/one and 1 more',
      maxTokens: 18_000,
      answerUsd: expect.closeTo(0.072, 9),
      promptUsd: expect.closeTo(2, 9),
    });
    await writeFile(join(workspace.root, 'mine.md'), 'Translate.');
    expect(await started({ recipe: join(workspace.root, 'mine.md') })).toMatchObject({ recipe: 'mine.md' });
  });

  test('counts stand-ins, the second call for a cut answer, and tiers that cost more', async () => {
    const said = 'config: {models: [acme/one, acme/two]}\nmodel: acme/two\nsluice: {on_length: retry}';
    await write('default.prompt', `---\n${said}\n---\nSay it.`);
    expect(await started({})).toMatchObject({
      model: 'acme/two and 1 more',
      maxTokens: 2000,
      answerUsd: expect.closeTo(0.021, 9),
      fees: false,
    });
    await write('default.prompt', '---\nconfig: {service_tier: priority, plugins: [{id: web}]}\n---\nSay it.');
    expect(await started({})).toMatchObject({ answerUsd: expect.closeTo(0.021, 9), fees: true });
  });

  test('tells of recipes in the inbox only where there may be some', async () => {
    await write('default.md', 'Summarize.');
    await workspace.drop('a.txt');
    expect(await started({})).toMatchObject({ inboxRecipes: false });
    await workspace.drop('q1/_recipe.prompt', '---\nmodel: acme/two\n---\nSay it.');
    expect(await started({})).toMatchObject({ inboxRecipes: true });
    for (const flags of [{ 'inbox-recipes': 'false' }, { prompt: 'P' }])
      expect(await started(flags)).toMatchObject({ inboxRecipes: false });
  });

  test('is that there is no recipe, as far as one can see', async () => {
    expect(await started({})).toMatchObject({ recipe: 'no recipe', model: 'acme/one' });
    await mkdir(workspace.inbox('q1'));
    expect(await started({})).toMatchObject({ recipe: 'no recipe but what the inbox may hold' });
    expect(await started({ 'inbox-recipes': 'false' })).toMatchObject({ recipe: 'no recipe' });
    expect(await started({ 'no-recipe': true })).toMatchObject({ recipe: 'no recipe (documents as they are)' });
  });
});
