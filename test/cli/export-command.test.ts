import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { versionOf } from '../support/filled-ledger.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice export', () => {
  test('prints the results, or writes them to a file', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), '{"sum": 1}'));
    expect(await here.run('export', '--format', 'csv')).toMatch(/^document,answer\.sum,model,.*\r\na\.txt,1,acme/);
    expect(await here.run('export', '--format', 'jsonl', '--output', 'all.jsonl')).toBe('');
  });

  test.each([
    [[], 'Missing required argument: format'],
    [['--format', 'xml'], 'Invalid values'],
    [['--format', 'csv', '--format', 'jsonl'], '--format was given 2 times'],
  ])('refuses %j', async (args, words) => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), 'Yes.'));
    const running = here.run('export', ...args);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(words);
  });
});
