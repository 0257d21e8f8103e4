import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { type ModelRow, modelsText } from '../../src/cli/models.ts';
import { runProgram } from '../../src/cli/program.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { settingsOf } from './support.ts';

async function models(...args: readonly string[]): Promise<string> {
  const settings = settingsOf('/');
  const printed = text(settings.stdout);
  await runProgram(['models', ...args], settings).finally(() => settings.stdout.end());
  return printed;
}

const row: ModelRow = {
  id: 'acme/small',
  promptUsd: 0.25,
  completionUsd: 2,
  contextTokens: 400_000,
  maxCompletionTokens: 128_000,
  inputs: ['image', 'file'],
};
const free: ModelRow = { ...row, id: 'a\u001B[31m', promptUsd: 0, completionUsd: 0, inputs: [] };
const untold: ModelRow = {
  id: 'x',
  promptUsd: null,
  completionUsd: null,
  contextTokens: null,
  maxCompletionTokens: null,
  inputs: null,
};

describe('sluice models', () => {
  test('lists what the API has, the cheapest answers first', async () => {
    const lines = (await models('--api', 'simulator')).split('\n');
    expect(lines[0]).toBe('model                                    prompt   answer    context  longest  takes');
    expect(lines[1]).toMatch(/^meta-llama\/llama-3.3-70b-instruct:free +free +free +131,072 +16,384$/);
    expect(lines.at(-4)).toMatch(/^anthropic\/claude-sonnet-4.5 +\$3.00 +\$15.00 +1,000,000 +64,000 +image file$/);
    expect(lines.at(-2)).toMatch(/^10 models\. Prices in USD per million tokens/);
  });

  test('searches by words, and gives the exact figures with --json', async () => {
    const found = JSON.parse(await models('--api', 'simulator', '--search', 'Claude 4.5 son', '--json')) as unknown;
    expect(found).toEqual({
      models: [
        {
          id: 'anthropic/claude-sonnet-4.5',
          promptUsd: 3,
          completionUsd: 15,
          contextTokens: 1_000_000,
          maxCompletionTokens: 64_000,
          inputs: ['image', 'file'],
        },
      ],
    });
  });

  test('names what is like a word that nothing matches', async () => {
    await expect(models('--api', 'simulator', '--search', 'sonet')).rejects.toThrow(
      'None of the 10 models of the simulator matches "sonet". Did you mean sonnet?',
    );
  });

  test('says so where there is no list, and where it cannot be had', async () => {
    const simulator = await startSimulator({ as: 'bedrock' });
    await expect(models('--api', simulator.url)).rejects.toThrow(/tells no list of models|No list of models/);
    await simulator.close();
    await expect(models('--api', 'http://127.0.0.1:9/v1')).rejects.toThrow('gave no list of models');
  });
});

test('what is not told is a dash, and what a terminal would obey is shown', () => {
  expect(modelsText([row, free, untold]).split('\n').slice(0, 4)).toEqual([
    'model         prompt  answer  context  longest  takes',
    'acme/small   $0.2500   $2.00  400,000  128,000  image file',
    'a\\u{1b}[31m     free    free  400,000  128,000',
    'x                  -       -        -        -  -',
  ]);
});

test.each([
  [60, 'acme/small  $0.2500   $2.00  400,000  128,000  image file'],
  [50, 'acme/small  $0.2500   $2.00  400,000  128,000'],
  [38, 'acme/small  $0.2500   $2.00  400,000'],
  [10, 'acme/small  $0.2500   $2.00'],
])('within %d columns, what stands on the right goes first, and a name is whole', (width, line) => {
  expect(modelsText([row], width).split('\n')[1]).toBe(line);
});
