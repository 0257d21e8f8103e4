import { describe, expect, test } from '@jest/globals';
import yargs from 'yargs';
import { yargsOptions } from '../../../src/cli/options/table.ts';
import { resolved } from './support.ts';

/** As the program sets yargs up, but without its exits. */
function parse(...argv: string[]): Record<string, unknown> {
  return yargs(argv)
    .options(yargsOptions())
    .parserConfiguration({ 'camel-case-expansion': false })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseSync();
}

test('a flag that was not given is absent, so that variables and configuration can be heard', () => {
  expect(Object.keys(parse())).toEqual(['_', '$0']);
});

test.each([
  [['--once', '--json'], { once: true, json: true }],
  [['--no-stream'], { stream: false }],
  [['--concurrency', '7'], { concurrency: 7 }],
  [['--retry-delay=0.5'], { retryDelaySeconds: 0.5 }],
  [['-p', 'List three facts.'], { prompt: 'List three facts.' }],
  [['--no-recipe'], { noRecipe: true, recipe: null }],
  [['--recipe', '/x.md', '--no-recipe', '-j', '3'], { noRecipe: true, recipe: '/x.md' }],
  [['--prompt=-n', '--once'], { prompt: '-n', once: true }],
  [['--model', '007'], { model: '007' }],
  [['-m', '007', '-r', '/r.md', '-j', 'auto'], { model: '007', recipe: '/r.md', concurrency: 'auto' }],
  [['--in-doubt', 'hold', '--after=archive', '--redo', 'stale'], { inDoubt: 'hold', after: 'archive', redo: 'stale' }],
  [['--replay-cache', '--receipts'], { replayCache: true, receipts: true }],
])('%j', (argv, expected) => {
  expect(resolved({ flags: parse(...argv) }).options).toMatchObject(expected);
});

describe('refused by our own check', () => {
  test.each([
    [['--concurrency=-1'], '--concurrency does not take "-1"'],
    [['--concurrency', '-1'], '--concurrency does not take "-1"'],
    [['--concurrency'], '--concurrency does not take an empty value'],
    [['--model', '--once'], '--model does not take an empty value'],
    [['--concurrency', '5', '--concurrency', '6'], '--concurrency was given 2 times (5, 6)'],
    [['-m'], '--model does not take an empty value'],
    [['-j', '5', '-j6'], '--concurrency was given 2 times (5, 6)'],
    [['--no-model'], '--no-model is not known'],
  ])('%j', (argv, message) => {
    expect(() => resolved({ flags: parse(...argv) })).toThrow(message);
  });
});

test('a command may take some options alone', () => {
  expect(Object.keys(yargsOptions(['root', 'json', 'logLevel']))).toEqual(['root', 'json', 'log-level']);
});

test('help shows variable and default of every option', () => {
  for (const { describe: text } of Object.values(yargsOptions()))
    expect(text).toMatch(/ \[SLUICE_[A-Z_]+; default: .+\]$/);
});
