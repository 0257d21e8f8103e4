import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/domain/errors.ts';
import { wav } from '../../inbox/convert/media-files.ts';
import { pdfFile } from '../../inbox/convert/pdf-file.ts';
import { attemptOf, versionOf } from '../../support/filled-ledger.ts';
import { ledgerWorkspaces } from '../inspect/ledger-workspace.ts';

const here = ledgerWorkspaces();

const ANY = ['--api', 'http://127.0.0.1:9/v1', '--no-recipe'] as const;
const PRICED = [...ANY, '--price-prompt', '3', '--price-completion', '15'] as const;

describe('sluice plan', () => {
  test('says what a run would do, at the price that was given', async () => {
    await here.workspace.drop('a.txt', 'hello world');
    await here.workspace.drop('b.txt', 'hello world');
    const lines = (await here.run('plan', ...PRICED)).split('\n');
    expect(lines).toEqual([
      '2 documents: 1 would be asked (11 bytes), 1 reused at no cost (the same bytes as another).',
      'Asked: anthropic/claude-sonnet-4.5 at http://127.0.0.1:9/v1.',
      'Prompts: about 9 tokens (counted by o200k_base; the model has a tokenizer of its own, so take it for an estimate).',
      'Answers: about 800 tokens (a guess, as there are too few earlier answers; --pilot 10 finds out).',
      'Cost: about $0.0120 ($3.00 and $15.00 a million tokens).',
      'Time: about 15 s (5 calls at once, calls of a guessed length).',
      'Worst case, every answer as long as its recipe allows: $0.9600 and 15 min. --max-cost bounds what is spent.',
      '',
    ]);
  });

  test('a limit in the configuration counts, as for a run', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await here.workspace.drop(name, name);
    await writeFile(join(here.workspace.root, 'sluice.config.yaml'), 'limit: 2\n');
    const [documents] = (await here.run('plan', ...PRICED)).split('\n');
    expect(documents).toBe('3 documents: 2 would be asked (10 bytes), 1 left for later.');
    const refused: unknown = await here.run('plan', ...PRICED, '--limit', '1').catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringContaining('--limit is not for plan') });
  });

  test('prints one object with --json, and goes by what the ledger remembers', async () => {
    await here.workspace.drop('a.txt', 'hello world');
    await here.fill(async (filled) => {
      for (let index = 0; index < 5; index += 1)
        await filled.answer(versionOf(`old-${index}`), 'Yes.', [attemptOf(1, { completionTokens: 40 })]);
    });
    const asRemembered = ['--api', 'https://api.test/v1', '--model', 'acme/small', '--no-recipe'] as const;
    const prices = ['--price-prompt', '1', '--price-completion', '10'] as const;
    const plan = JSON.parse(await here.run('plan', '--json', ...asRemembered, ...prices)) as unknown;
    // Those answers were given to a recipe, and no recipe is asked for here.
    expect(plan).toMatchObject({
      documents: { asked: 1 },
      basis: { from: 'guess' },
      costUsd: { low: expect.any(Number) },
    });
  });

  test('asks the API what its models cost', async () => {
    await here.workspace.drop('a.txt');
    const plan = await here.run('plan', '--api', 'simulator');
    expect(plan).toContain('Cost: nothing; a model of this price would cost');
    expect(plan).toContain('($3.00 and $15.00 a million tokens)');
  });

  test('an unknown price is shown as unknown', async () => {
    await here.workspace.drop('a.txt');
    const unreachable = await here.run('plan', ...ANY);
    expect(unreachable).toContain('Cost: unknown, as http://127.0.0.1:9/v1 gave no list of models');
    const unlisted = await here.run('plan', '--api', 'simulator', '--model', 'nobody/knows');
    expect(unlisted).toMatch(/Cost: unknown, as .* does not list nobody\/knows/);
  });

  test('says which list its prices come from where the API tells none', async () => {
    await here.workspace.drop('a.txt');
    const prices = { litellm_provider: 'acme', input_cost_per_token: 1e-6, output_cost_per_token: 1e-5 };
    const longer = { input_cost_per_token_above_200k_tokens: 2e-6, output_cost_per_token_above_200k_tokens: 2e-5 };
    const file = join(here.workspace.root, 'prices.json');
    await writeFile(file, JSON.stringify({ small: { ...prices, ...longer } }));
    const flags = [...ANY, '--model', 'small', '--price-list', file] as const;
    const plan = await here.run('plan', ...flags);
    // 800 tokens of an answer, as prices are for a short prompt.
    expect(plan).toContain('Cost: about $0.0080 ($1.00 and $10.00 a million tokens).');
    expect(plan).toMatch(
      /\nPrices: the list of .* in .*prices\.json \(small: \$1\.00 and \$10\.00, at most \$2\.00 and \$20\.00\)\. Your bill may differ\.\n$/,
    );
    const today = new Date().toISOString().slice(0, 10);
    expect(JSON.parse(await here.run('plan', '--json', ...flags))).toMatchObject({
      price: { prompt: expect.closeTo(2e-6, 9), from: `list ${today}` },
      costUsd: { likely: expect.closeTo(0.008, 4) },
    });
  });

  test('goes by the recipe of each document, and by what its model takes', async () => {
    const { workspace } = here;
    await workspace.drop('a.txt', 'hello world');
    await workspace.drop('pages/b.pdf', pdfFile(['hello world']));
    await workspace.drop('pages/_recipe.prompt', '---\nmodel: openai/gpt-5\n---\nSummarise it.');
    await workspace.drop('sound/c.wav', wav(100));
    await workspace.drop('broken/d.txt');
    await workspace.drop('broken/_recipe.prompt', '---\nmodle: x\n---\nSummarise it.');
    const plan = JSON.parse(await here.run('plan', '--json', '--api', 'simulator')) as unknown;
    expect(plan).toMatchObject({
      documents: { asked: 2, refused: 1, pending: 1 },
      refusals: { 'unsupported-input': 1 },
      recipes: [{ name: 'inbox/broken/_recipe.prompt', reason: expect.stringContaining('modle'), documents: 1 }],
      models: [
        { model: 'anthropic/claude-sonnet-4.5', documents: 1, costUsd: expect.anything() },
        { model: 'openai/gpt-5', documents: 1, costUsd: expect.anything() },
      ],
    });
  });

  test('refuses names of results that two documents would have', async () => {
    const { workspace } = here;
    await workspace.drop('q1/a.txt');
    await workspace.drop('q2/a.txt');
    await mkdir(join(workspace.root, 'recipes'));
    const recipe = '---\noutput:\n  name: "{{name}}"\n---\nSummarise it.';
    await writeFile(join(workspace.root, 'recipes', 'default.prompt'), recipe);
    await expect(here.run('plan', ...PRICED)).rejects.toThrow('would both have the result a.txt.md');
  });

  test('no pilot is made, and nothing is sent, where no document has a recipe', async () => {
    await here.workspace.drop('a.txt');
    const url = ['--api', 'http://127.0.0.1:9/v1'] as const;
    const pilot = here.run('plan', ...url, '--pilot', '1');
    await expect(pilot).rejects.toBeInstanceOf(UsageError);
    await expect(pilot).rejects.toThrow(/No recipe says what to ask\. Give -p .* init .* --no-recipe/);
    expect(await here.run('plan', ...url)).toMatch(
      /0 would be asked, 1 left for later\.\nNo recipe says .* \(1 document waits for it\)/,
    );
    expect(await here.run('plan', ...url, '-p', 'Summarize.')).toContain('1 would be asked');
  });

  test('a pilot without documents is a plan', async () => {
    expect(await here.run('plan', ...PRICED, '--pilot', '3')).toContain('0 would be asked');
  });

  test.each([
    ['a pilot of none', ['--pilot', '0'], '--pilot does not take "0"'],
    ['a pilot of some', ['--pilot', 'some'], '--pilot does not take "some"'],
    ['what makes another run of it', ['--once'], '--once is not for plan'],
    ['an API that needs a model', ['--api', 'ollama'], '--api ollama needs --model'],
  ])('refuses %s', async (_, args, message) => {
    const running = here.run('plan', ...args);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(message);
  });
});
