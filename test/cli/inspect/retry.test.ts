import { describe, expect, test } from '@jest/globals';
import { versionOf } from '../../support/filled-ledger.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice retry', () => {
  test('says how many of what are pending again', async () => {
    await here.fill(async (filled) => {
      await filled.fail(versionOf('q1/a.txt'));
      await filled.fail(versionOf('b.txt'), 'refused');
      await filled.hold(versionOf('c.txt'));
    });
    expect(await here.run('retry', 'q2/*')).toContain('no document that matches q2/* failed');
    expect(await here.run('retry', 'q1/*')).toContain('1 document back to pending (1 failed)');
    expect(await here.run('retry', '--reason', 'in-doubt')).toContain('1 document back to pending (1 held)');
    await expect(here.run('retry', '--reason', 'bored')).rejects.toThrow('The reasons are: refused.');
    expect(await here.run('retry')).toContain('1 document back to pending (1 failed)');
    expect(await here.run('retry')).toContain('Nothing to try again');
  });

  test.each([['./-dash.txt'], ['--', '-dash.txt'], ['--', '-*']])('takes back by %s %s', async (...args) => {
    await here.fill((filled) => filled.fail(versionOf('-dash.txt')));
    expect(await here.run('retry', ...args.filter((arg) => arg !== undefined))).toContain('1 document back to pending');
  });
});
