import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice export', () => {
  test('prints the results, or writes them to a file', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), '{"sum": 1}'));
    expect(await here.run('export', '--format', 'csv')).toMatch(/^document,answer\.sum,model,.*\r\na\.txt,1,acme/);
    expect(await here.run('export', '--format', 'jsonl', '--output', 'all.jsonl')).toBe('');
  });

  test('prints a row for each item of a list', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), '{"lines": [{"n": 1}, {"n": 2}]}'));
    const csv = await here.run('export', '--rows', 'lines', '--format', 'csv');
    expect(csv).toMatch(/^document,answer\.lines\.n,model,.*\r\na\.txt,1,acme.*\r\na\.txt,2,acme/);
  });

  test.each([
    [[], 'export needs --format: one of csv, jsonl'],
    [['--format', 'xml'], '--format does not take "xml"'],
    [['--format', 'csv', '--format', 'jsonl'], '--format was given 2 times'],
    [['--format', 'csv', '--rows'], '--rows needs a value'],
    [['--format', 'csv', '--rows', 'a', '--rows', 'b'], '--rows was given 2 times'],
    [['--format', 'csv', '--rows', 'lines'], '--rows lines: no answer has such a list'],
    [['--format', 'csv', '--rows', ''], '--rows needs a value'],
  ])('refuses %j', async (args, words) => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), 'Yes.'));
    const running = here.run('export', ...args);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(words);
  });
});
