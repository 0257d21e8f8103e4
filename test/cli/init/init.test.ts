import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configTemplate } from '../../../src/cli/init/init.ts';
import { STARTER_RECIPES } from '../../../src/cli/init/starter-recipes.ts';
import { flagOf, optionKeys } from '../../../src/cli/options/table.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { isStrictSchema } from '../../../src/llm/conversation/capabilities.ts';
import { parseRecipe } from '../../../src/recipe/parse-recipe.ts';
import { createRecipe } from '../../../src/recipe/recipe.ts';
import { resolveOptions } from '../options/support.ts';
import { settingsOf } from '../support.ts';

let here: string;
beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'sluice-test-'));
});
afterEach(() => rm(here, { recursive: true, force: true }));

async function init(...args: readonly string[]): Promise<string> {
  const settings = settingsOf(here);
  const printed = text(settings.stdout);
  expect(await runProgram(['init', ...args], settings)).toBe(0);
  settings.stdout.end();
  return await printed;
}

function read(...path: readonly string[]): Promise<string> {
  return readFile(join(here, ...path), 'utf8');
}

function asked(config: string): ReturnType<typeof resolveOptions> {
  return resolveOptions({ flags: {}, environment: {}, currentFolder: '/here', readConfig: () => config });
}

describe('sluice init', () => {
  test('makes a workspace, and says what was made and what to type next', async () => {
    expect((await init()).split('\n')).toEqual([
      'Made watch/inbox/',
      'Made watch/outbox/',
      'Made watch/failed/',
      'Made watch/recipes/',
      'Made watch/recipes/default.prompt',
      'Made watch/sluice.config.yaml',
      '',
      'It begins small and cheap: short answers, little thinking, and at most $2.00 a run, or a day where it watches (watch/sluice.config.yaml).',
      'Put documents into watch/inbox/. Then try it, without a key and at no cost:',
      '',
      '    sluice --test --api simulator',
      '',
      'see what it would cost, and have it done (it asks what default.prompt says, and needs OPENROUTER_API_KEY):',
      '',
      '    sluice plan',
      '    sluice --once',
      '',
      'or answer what is dropped into the inbox, for as long as it runs:',
      '',
      '    sluice',
      '',
    ]);
    expect(await read('watch', 'recipes', 'default.prompt')).toBe(STARTER_RECIPES.summarize);
    expect(await read('watch', 'sluice.config.yaml')).toBe(configTemplate());
  });

  test('names the workspace in the commands if it is another one', async () => {
    expect(await init("the year's end", '--recipe', 'extract')).toContain(
      String.raw`    sluice plan --root 'the year'\''s end'`,
    );
    expect(await read("the year's end", 'recipes', 'default.prompt')).toBe(STARTER_RECIPES.extract);
  });

  test('changes nothing that is there', async () => {
    await mkdir(join(here, 'watch', 'recipes'), { recursive: true });
    await writeFile(join(here, 'watch', 'recipes', 'default.prompt'), 'Mine.');
    await writeFile(join(here, 'watch', 'sluice.config.yaml'), 'concurrency: 2\n');
    const printed = await init('--recipe', 'classify');
    expect(printed).toContain('Made watch/inbox/\n');
    expect(printed).toContain('Left as it is: watch/recipes/default.prompt\nLeft as it is: watch/sluice.config.yaml\n');
    expect(await read('watch', 'recipes', 'default.prompt')).toBe('Mine.');
    expect(await read('watch', 'sluice.config.yaml')).toBe('concurrency: 2\n');
  });

  test('puts no recipe before one of another ending', async () => {
    await mkdir(join(here, 'watch', 'recipes'), { recursive: true });
    await writeFile(join(here, 'watch', 'recipes', 'default.md'), 'Mine.');
    expect(await init()).toContain('Left as it is: watch/recipes/default.md\n');
    expect(existsSync(join(here, 'watch', 'recipes', 'default.prompt'))).toBe(false);
  });

  test('makes a recipe also where the workspace was used without one: that is how one comes to it', async () => {
    await mkdir(join(here, 'watch', '.sluice'), { recursive: true });
    await writeFile(join(here, 'watch', '.sluice', 'ledger.db'), '');
    expect(await init()).toContain('Made watch/recipes/default.prompt\n');
  });

  test('puts the schemas that its files name where they name them, and the newest at any time', async () => {
    await init();
    const folder = join(here, 'watch');
    for (const file of ['sluice.config.yaml', join('recipes', 'default.prompt')]) {
      const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(await read('watch', file)) ?? [];
      const schema = join(folder, dirname(file), path);
      expect(JSON.parse(await readFile(schema, 'utf8'))).toHaveProperty('$schema');
      await writeFile(schema, 'old');
      await init();
      expect(await readFile(schema, 'utf8')).toMatch(/^\{\n/);
    }
  });

  test('makes the folders that the configuration names', async () => {
    await mkdir(join(here, 'watch'));
    await writeFile(join(here, 'watch', 'sluice.config.yaml'), 'inbox: incoming\n');
    expect(await init()).toContain('Made watch/incoming/\n');
    expect(existsSync(join(here, 'watch', 'inbox'))).toBe(false);
  });

  test.each([
    ['a file in the place of the workspace', ['notes.txt'], /The workspace .*notes\.txt is a file/],
    ['a place that takes no folders', ['/proc/none/deep'], /The workspace \/proc\/none\/deep cannot be made/],
    ['a file in the place of a folder', ['taken'], /The inbox folder .*inbox is a file/],
    ['a file in the place of the recipes', ['cooking'], /The recipes folder .*recipes cannot be made/],
    ['the workspace twice', ['one', '--root', 'two'], /are the same: give one/],
    [
      'a recipe that is not on offer',
      ['--recipe', 'sing'],
      /^--recipe does not take "sing": it takes one of summarize, /,
    ],
  ])('refuses %s', async (_, args, message) => {
    await writeFile(join(here, 'notes.txt'), '');
    await mkdir(join(here, 'taken'));
    await writeFile(join(here, 'taken', 'inbox'), '');
    await mkdir(join(here, 'cooking'));
    await writeFile(join(here, 'cooking', 'recipes'), '');
    const refused = runProgram(['init', ...args], settingsOf(here));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('the recipes to begin with', () => {
  const origin = { name: 'recipes/default.prompt', kind: 'dotprompt', trusted: true, maxTokens: 64_000 } as const;
  const run = {
    model: 'acme/one',
    api: 'simulator',
    apiNames: ['simulator'],
    parameters: {},
    truncate: null,
    trusted: true,
    readPartial: () => null,
  };

  test.each(Object.entries(STARTER_RECIPES))('%s can be used, as it is and in the inbox', (_, source) => {
    expect(createRecipe(parseRecipe(source, origin), run)).toMatchObject({ barred: null });
    expect(parseRecipe(source, { ...origin, trusted: false })).toMatchObject({ resultName: null });
  });

  test.each(Object.entries(STARTER_RECIPES))('%s can be used with its commented settings set', (_, source) => {
    const set = source.replaceAll(/^( *)# (output:|(?:  )?\w+: (?:\S+|'.*'|\{.*\}))$/gm, '$1$2');
    expect(set).not.toBe(source);
    expect(createRecipe(parseRecipe(set, origin), run)).toMatchObject({ barred: null });
  });

  test.each(['extract', 'classify'] as const)('models can be held strictly to the schema of %s', (kind) => {
    const { schema, format } = parseRecipe(STARTER_RECIPES[kind], origin).handling.output;
    expect(format).toBe('json');
    expect(isStrictSchema(schema ?? {})).toBe(true);
  });
});

/** For a token of an answer. */
const SONNET_USD = 15e-6;

describe('the configuration to begin with', () => {
  test('sets what makes it small and cheap, and nothing else', () => {
    const small = { maxTokens: 8000, reasoning: 'low', maxCostUsd: 2 };
    expect(asked(configTemplate()).options).toEqual({ ...asked('').options, ...small });
    expect(asked(configTemplate()).given).toEqual({ maxTokens: 'config', reasoning: 'config', maxCostUsd: 'config' });
  });

  test('allows a good many calls within its budget, also at the price of the default model', () => {
    const { maxTokens, maxCostUsd } = asked(configTemplate()).options;
    expect((maxCostUsd ?? 0) / (maxTokens * SONNET_USD)).toBeGreaterThan(15);
  });

  test('has a line for every option but the workspace itself', () => {
    const lines = Array.from(
      configTemplate().matchAll(/^(?:# )?([a-z-]+): (?!\$schema|\.sluice)\S+$/gm),
      ([, flag = '']) => flag,
    );
    const flags = optionKeys.map(flagOf).filter((flag) => flag !== 'root');
    expect(lines.toSorted()).toEqual(flags.toSorted());
  });

  test('shows the defaults', () => {
    const set = configTemplate().replaceAll(/^# ((?!yaml)[a-z-]+: [^A-Z\s]+)$/gm, '$1');
    expect(Object.keys(asked(set).given).length).toBeGreaterThan(20);
    expect(asked(set).options).toEqual(asked(configTemplate()).options);
  });
});
