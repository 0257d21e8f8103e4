import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice show', () => {
  test('finds a document by its id, or by a path from the current folder', async () => {
    await here.fill((filled) => filled.fail(versionOf('q1/a.txt')));
    expect(await here.run('show', 'q1/a.txt')).toMatch(/^q1\/a\.txt\n {2}Failed at /);
    expect(await here.run('show', 'q1/a.txt', '--history')).toContain('\n\nCurrent version: failed since ');
    expect(await here.run('show', 'failed/q1/a.txt.error.json')).toBe(await here.run('show', 'q1/a.txt'));
  });

  test('finds a document whose name begins with a dash', async () => {
    await here.fill((filled) => filled.fail(versionOf('-dash.txt')));
    expect(await here.run('show', './-dash.txt')).toMatch(/^-dash\.txt\n/);
    expect(await here.run('show', '--', '-dash.txt')).toMatch(/^-dash\.txt\n/);
  });

  test('prints one object with --json', async () => {
    await here.fill((filled) => filled.answer(versionOf('a.txt'), 'Yes.'));
    expect(JSON.parse(await here.run('show', 'a.txt', '--json'))).toMatchObject({
      document: 'a.txt',
      versions: [{ state: 'done', attempts: [{ number: 1 }], answer: 'Yes.', receipt: { costUsd: 0.25 } }],
    });
  });

  test('is a mistake without a ledger, without a document, and with one that is not known', async () => {
    await expect(here.run('show', 'a.txt')).rejects.toThrow('Nothing was recorded yet in ');
    await here.fill((filled) => filled.fail(versionOf('a.txt')));
    await expect(here.run('show', 'b.txt')).rejects.toThrow('did you mean "a.txt"?');
    await here.workspace.drop('new.txt');
    await expect(here.run('show', 'new.txt')).rejects.toThrow('"new.txt" was not asked yet');
    await expect(here.run('show')).rejects.toBeInstanceOf(UsageError);
  });
});
