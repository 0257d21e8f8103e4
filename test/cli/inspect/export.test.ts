import { lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { wholeFile } from '../../../src/cli/inspect/export.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice export', () => {
  test('prints the results, or writes them to a file', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), '{"sum": 1}'));
    expect(await here.run('export')).toMatch(/^document,answer\.sum,model,.*\r\na\.txt,1,acme/);
    expect(await here.run('export', '--columns', 'document, answer')).toBe('document,answer.sum\r\na.txt,1\r\n');
    expect(await here.run('export', '--format', 'jsonl', '--output', 'all.jsonl')).toBe('');
  });

  test('writes a file whole or not at all; a link stays one, and what is no file is written to', async () => {
    const { root } = here.workspace;
    const file = join(root, 'all.csv');
    await writeFile(file, 'before', { mode: 0o600 });
    await symlink('all.csv', join(root, 'link.csv'));
    const broken = wholeFile(file, async (target) => {
      target.write('half');
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await readFile(file, 'utf8')).toBe('before');

    await here.fill((filled) => filled.answer(versionOf('a.txt'), 'Yes.'));
    await here.run('export', '--columns', 'answer', '--output', 'link.csv');
    expect(await readFile(file, 'utf8')).toBe('answer\r\nYes.\r\n');
    expect([(await stat(file)).mode & 0o777, (await lstat(join(root, 'link.csv'))).isSymbolicLink()]).toEqual([
      0o600,
      true,
    ]);
    expect((await readdir(root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await here.run('export', '--output', '/dev/null');
  });

  test('prints a row for each item of a list', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), '{"lines": [{"n": 1}, {"n": 2}]}'));
    const csv = await here.run('export', '--rows', 'lines', '--format', 'csv');
    expect(csv).toMatch(/^document,answer\.lines\.n,model,.*\r\na\.txt,1,acme.*\r\na\.txt,2,acme/);
  });

  test.each([
    [['--columns', 'nme'], 'there is no column "nme"'],
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
