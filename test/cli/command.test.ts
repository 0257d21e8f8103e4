import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { ledgerWorkspaces } from './inspect/ledger-workspace.ts';
import { settingsOf } from './support.ts';

const here = ledgerWorkspaces();

describe.each([
  ['status', []],
  ['show', ['a.txt']],
  ['retry', []],
  ['export', ['--format', 'csv']],
])('sluice %s', (command, args) => {
  test.each([
    ['a flag that it does not take', ['--concurrency', '5'], '--concurrency is not for '],
    ['a workspace that is not there', ['--root', 'none'], '(--root) does not exist'],
    ['an empty setting', ['--inbox', ''], '--inbox does not take an empty value'],
  ])('refuses %s', async (_, more, words) => {
    const given = more.includes('--root') ? more : ['--root', here.workspace.root, ...more];
    const running = runProgram([command, ...args, ...given], settingsOf(here.workspace.root));
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(words);
  });

  test('takes its workspace from the environment, and refuses unknown variables there', async () => {
    const environment = { SLUICE_ROOT: 'none' };
    const running = (more: Readonly<Record<string, string>>) =>
      runProgram([command, ...args], { ...settingsOf(here.workspace.root), environment: { ...environment, ...more } });
    await expect(running({})).rejects.toThrow(`${join(here.workspace.root, 'none')} (--root) does not exist`);
    await expect(running({ SLUICE_ROOD: 'x' })).rejects.toThrow('SLUICE_ROOD is not known');
  });
});
