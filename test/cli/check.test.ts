import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await Workspace.make();
  await mkdir(join(workspace.root, 'recipes'), { recursive: true });
});
afterEach(() => workspace.remove());

async function run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const settings = { ...settingsOf(workspace.root), environment };
  const printed = text(settings.stdout);
  try {
    expect(await runProgram(argv, settings)).toBe(0);
  } finally {
    settings.stdout.end();
  }
  return printed;
}

function write(path: string, content: string): Promise<void> {
  return writeFile(join(workspace.root, path), content);
}

describe('sluice check', () => {
  test('says what it checked: settings, the key, which documents have which recipe', async () => {
    await write('sluice.config.yaml', 'model: acme/small\ntimeout: 15m\n');
    await write('recipes/default.md', 'Sum up.');
    await write('recipes/q1.prompt', '---\nmodel: acme/large\n---\nSum up {{document}}');
    await workspace.drop('a.txt');
    await workspace.drop('q1/b.txt');
    await workspace.drop('q1/c.txt');
    const told = await run(['check', '--root', '.']);
    expect(told.split('\n')).toEqual([
      `Workspace: ${workspace.root}. Settings in sluice.config.yaml: 2.`,
      'Key for https://openrouter.ai/api/v1: none yet. A run needs OPENROUTER_API_KEY.',
      'Recipes in recipes/: 2. Which documents have which:',
      '  recipes/default.md: 1 document',
      '  recipes/q1.prompt: 2 documents',
      'All of it can be used. Nothing was sent.',
      '',
    ]);
    expect(await run(['check', '--root', '.'], { OPENROUTER_API_KEY: 'sk-1' })).toContain(
      'Key for https://openrouter.ai/api/v1: OPENROUTER_API_KEY is set.',
    );
  });

  test('tells every mistake of configuration, recipes and names at once', async () => {
    await write('sluice.config.yaml', 'concurency: 5\nrpm: fast\n');
    await write('recipes/default.prompt', '---\nmodle: x\nconfig: { max_tokens: many }\n---\n{{#if document}}');
    await write('recipes/q1.prompt', '---\noutput: { name: "all-{{extension}}" }\n---\n{{document}}');
    await write('recipes/q2.prompt', '{{#if x}}');
    const mistakes = [
      expect.stringMatching(/^"concurency" in .* did you mean concurrency\?$/),
      expect.stringMatching(/^rpm in .* does not take "fast"/),
      expect.stringMatching(
        /^The recipe recipes\/default\.prompt cannot be used: modle .*config\.max_tokens.*; Line 1 of the template: \{\{#if document\}\} is not closed: \{\{\/if\}\} is missing\.$/,
      ),
      expect.stringMatching(/^The recipe recipes\/q2\.prompt cannot be used: /),
    ];
    await expect(run(['check', '--root', '.'])).rejects.toMatchObject({ mistakes });
    await write('recipes/default.prompt', '{{document}}');
    await workspace.drop('q1/b.txt');
    await workspace.drop('q1/c.txt');
    const collision = expect.stringMatching(/would both have the result all-/);
    const others = mistakes.filter((_, index) => index !== 2);
    await expect(run(['check', '--root', '.'])).rejects.toMatchObject({ mistakes: [...others, collision] });
  });
});

describe('sluice config', () => {
  const environment = { SLUICE_RPM: '7', OPENROUTER_API_KEY: 'sk-secret' };

  test('tells every option with its origin, and no key', async () => {
    await write('sluice.config.yaml', 'model: acme/small\n');
    await write('.env', 'SLUICE_TPM=9\n');
    const told = await run(['config', '--root', '.', '-j', '3', '--proxy', 'http://me:pw@host:1'], environment);
    expect(told).not.toMatch(/secret|me:pw/);
    const rows = Object.fromEntries(told.split('\n').map((line) => [line.split(' ')[0], line.split(/ {2,}/).slice(1)]));
    expect(rows).toMatchObject({
      model: ['acme/small', 'sluice.config.yaml'],
      concurrency: ['3', '--concurrency'],
      rpm: ['7', 'SLUICE_RPM'],
      tpm: ['9', 'SLUICE_TPM in .env'],
      'max-cost': ['none', 'default'],
      stream: ['on', 'default'],
      include: ['all', 'default'],
      exclude: ['none', 'default'],
      key: ['set (OPENROUTER_API_KEY)'],
      headers: ['not set'],
    });
  });

  test('as JSON', async () => {
    const told: unknown = JSON.parse(await run(['config', '--root', '.', '--json', '--api', 'simulator'], environment));
    expect(told).toMatchObject({ secrets: { key: null, headers: null }, process: null });
    expect(told).toHaveProperty('options', expect.arrayContaining([{ name: 'rpm', value: 7, from: 'SLUICE_RPM' }]));
  });
});
