import { expect, test } from '@jest/globals';
import { readCatalogue } from '../../src/llm/catalogue.ts';

const IDS = [
  'anthropic/claude-sonnet-4.5',
  'anthropic/claude-haiku-4.5',
  'openai/gpt-5',
  'openai/gpt-5:free',
  'models/gemini-2.5-flash',
  'llama3.2:latest',
];
const catalogue = readCatalogue({ data: IDS.map((id) => ({ id })) });

test.each([
  ['antropic/claude-sonet-4.5', ['anthropic/claude-sonnet-4.5', 'anthropic/claude-haiku-4.5']],
  ['claude-sonnet-4.5', ['anthropic/claude-sonnet-4.5', 'anthropic/claude-haiku-4.5']],
  ['openai/gpt5:nitro', ['openai/gpt-5']],
  ['gemini-2.5-flsh', ['gemini-2.5-flash']],
  ['llama3.3', ['llama3.2:latest']],
  ['acme/else', []],
  ['openai/gpt-5', []],
  ['openai/gpt-5:online', []],
  ['gemini-2.5-flash', []],
  ['~anthropic/claude-sonnet-latest', []],
  ['@preset/mine', []],
])('%s was meant to be %j', (model, meant) => {
  expect(catalogue?.meant(model)).toEqual(meant);
});
