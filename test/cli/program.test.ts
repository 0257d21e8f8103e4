import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

describe('runProgram', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const run = (...argv: readonly string[]) => runProgram(argv, settingsOf(workspace.root));

  test.each([
    [['wach'], 'Unknown argument: wach. See sluice --help.'],
    [['--concurency', '5'], 'Unknown argument: concurency. See sluice --help.'],
    [['simulate', '--once'], 'Unknown argument: once. See sluice --help.'],
    [['--once=maybe'], 'Argument unexpected for: once. See sluice --help.'],
  ])('says of %j what yargs says, and where help is', async (argv, message) => {
    const running = run(...argv);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow(new UsageError(message));
  });

  test.each([
    ['watch', ['watch', '--concurrency', '0'], '--concurrency does not take "0"'],
    ['simulate', ['simulate', '--port', 'x'], '--port does not take "x"'],
  ])('rejects with what the command %s itself refuses, as it says it', async (_, argv, message) => {
    const running = run(...argv);
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.not.toThrow('See sluice --help');
  });

  test.each([
    ['without a command', []],
    ['watch', ['watch']],
  ])('%s works the inbox off, and resolves to the exit code', async (_, command) => {
    await workspace.drop('a.txt');
    await workspace.drop('empty.txt', '');
    const over = ['--once', '--root', workspace.root, '--api', 'simulator', '--settle', '0'];
    expect(await run(...command, ...over)).toBe(3);
    expect(workspace.hasResult('a.txt')).toBe(true);
  });

  test('takes a number for the text that it is', async () => {
    const model = '007';
    await workspace.drop('a.txt');
    const running = run('--once', '--root', workspace.root, '--api', 'simulator', '--settle', '0', '--model', model);
    expect(await running).toBe(2);
    expect(workspace.hasResult('a.txt')).toBe(false);
  });
});

async function runHere(...args: readonly string[]): Promise<string> {
  const settings = settingsOf('');
  const printed = text(settings.stdout);
  expect(await runProgram(args, settings)).toBe(0);
  settings.stdout.end();
  return printed;
}

describe('in a current folder that was deleted', () => {
  const start = process.cwd();
  beforeEach(async () => {
    const gone = await mkdtemp(join(tmpdir(), 'sluice-gone-'));
    process.chdir(gone);
    await rm(gone, { recursive: true });
  });
  afterEach(() => process.chdir(start));

  test('a command works with absolute paths', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sluice-test-'));
    try {
      expect(await runHere('init', join(root, 'papers'))).toContain(`Made ${join(root, 'papers', 'inbox')}/`);
      expect(await runHere('status', '--root', join(root, 'papers'))).toContain('0 documents');
      expect(await runHere('plan', '--root', join(root, 'papers'), '--api', 'simulator')).toContain('0 would be asked');
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test.each([[['status']], [['watch', '--once', '--root', 'watch']], [['init']], [['plan', '--root', './watch']]])(
    '%j says so',
    async (args) => {
      const running = runHere(...args);
      await expect(running).rejects.toBeInstanceOf(UsageError);
      await expect(running).rejects.toThrow('The current folder was deleted');
    },
  );
});
