import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

  const mistakesIn = async (...argv: readonly string[]): Promise<readonly string[]> => {
    const error: unknown = await run(...argv).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    return error instanceof UsageError ? error.mistakes : [];
  };
  const HERE = ['--api', 'simulator'];

  test.each([
    [['wach'], 'wach is no command: did you mean watch?'],
    [['satus', '--recipie', 'x'], 'satus is no command: did you mean status?'],
    [['hlep'], 'hlep is no command: did you mean help?'],
    [[...HERE, '--reasoning', 'hgih'], expect.stringMatching(/\(did you mean high\?\)/)],
    [['stat'], 'stat is no command: did you mean status?'],
    [['nowhere.pdf'], expect.stringMatching(/^nowhere\.pdf is no command\. The commands are: watch, run, /)],
    [[...HERE, '--concurency', '5'], '--concurency is not known: did you mean --concurrency?'],
    [[...HERE, '--recipie', 'x'], '--recipie is not known: did you mean --recipe?'],
    [[...HERE, '--maxTokens=5'], '--maxTokens is not known: did you mean --max-tokens?'],
    [[...HERE, '--no-streem'], '--no-streem is not known: did you mean --no-stream?'],
    [[...HERE, '--tier', 'flex'], '--tier is not known: sluice help watch lists what watch takes.'],
    [[...HERE, '-c', '5'], '-c is not known: sluice help watch lists what watch takes.'],
    [[...HERE, '-m'], '--model does not take an empty value: it takes the name of a model'],
    [[...HERE, '--once=maybe'], '--once takes no value: write --once or --no-once.'],
    [
      [...HERE, '--after', 'archve'],
      expect.stringMatching(/^--after does not take "archve" \(did you mean archive\?\)/),
    ],
    [[...HERE, 'watch', 'x'], 'watch takes nothing beside its options: x is too much.'],
    [['show', '--root', '.'], 'show needs a document: sluice show DOCUMENT'],
    [['show', '--root', '.', 'a', 'b c'], "show takes 1 argument: 'b c' is too much."],
    [['simulate', '--once'], '--once is not for simulate: sluice help simulate lists what simulate takes.'],
    [
      ['init', '--recipe', 'sumarize'],
      expect.stringMatching(/^--recipe does not take "sumarize" \(did you mean summarize\?\)/),
    ],
    [['completion', 'tcsh'], 'completion does not know the shell tcsh: it takes one of bash, zsh, fish'],
    [['help', 'stat'], 'There is no command stat: did you mean sluice help status?'],
  ])('%j is refused with the nearest name', async (argv, message) => {
    expect(await mistakesIn(...argv)).toEqual([message]);
  });

  test.each(['--api-key', '--key', '--openrouter-api-key', '--api_key'])(
    '%s is told where keys go, and its value is not shown',
    async (flag) => {
      const [mistake, ...others] = await mistakesIn(flag, 'sk-or-secret');
      expect(mistake).toMatch(/^--\S+ is no option: .* Set OPENROUTER_API_KEY .* --api-key-file/);
      expect(mistake).not.toContain('secret');
      expect(others).toEqual([]);
    },
  );

  test('all that is wrong is told at once, and nothing is made', async () => {
    const settings = settingsOf(workspace.root);
    const environment = { SLUICE_RETRYS: '3', SLUICE_TIMEOUT: 'soon' };
    await writeFile(
      join(workspace.root, 'sluice.config.yaml'),
      'concurency: 5\nmax-cost: abc\nOPENROUTER_API_KEY: sk-1\n',
    );
    const argv = [
      '--root',
      workspace.root,
      '--retires',
      '2',
      '--rpm',
      'fast',
      '-r',
      'nope.md',
      '--outbox',
      '/nowhere/o',
    ];
    const running = runProgram(argv, { ...settings, environment });
    const config = join(workspace.root, 'sluice.config.yaml');
    await expect(running).rejects.toMatchObject({
      mistakes: [
        '--retires is not known: did you mean --retries?',
        'The environment variable SLUICE_RETRYS is not known: did you mean SLUICE_RETRIES?',
        `"concurency" in ${config} is not known: did you mean concurrency?`,
        expect.stringMatching(/^"OPENROUTER_API_KEY" in .*: keys do not belong there/),
        expect.stringMatching(/^--rpm does not take "fast"/),
        expect.stringMatching(/^SLUICE_TIMEOUT does not take "soon"/),
        expect.stringMatching(/^max-cost in .* does not take "abc"/),
        expect.stringMatching(/^No API key for /),
        expect.stringMatching(/nope\.md does not exist/),
        expect.stringMatching(/^The outbox folder \/nowhere\/o \(--outbox\) does not exist/),
      ],
    });
    expect(existsSync(join(workspace.root, '.sluice'))).toBe(false);
  });

  test.each([
    ['status', '--rmp=3', '-r', 'nope.md'],
    ['plan', '--pilot', 'x', '-r', 'nope.md'],
    ['render', 'a.txt', '--rmp=3', '-r', 'nope.md'],
    ['show', '--histry'],
    ['retry', '--reson=x'],
    ['export', '--format', 'cvs'],
    ['check', '--rmp=3'],
  ])('%s tells what is wrong with its arguments and its workspace together', async (...argv) => {
    const mistakes = await mistakesIn(...argv, ...(argv.includes('-r') ? HERE : []), '--root', 'none');
    expect(mistakes).toContainEqual(expect.stringMatching(/^The workspace .*none \(--root\) does not exist\./));
    expect(mistakes.length).toBeGreaterThanOrEqual(2);
  });

  test('what is wrong beside a recipe, a model or a document is told with them', async () => {
    const beside = ['--api', 'openai', '-r', 'nope.md'];
    const told = [expect.stringMatching(/needs --model/), expect.stringMatching(/nope\.md does not exist/)];
    const missing = expect.stringMatching(/^The workspace .* does not exist/);
    expect(await mistakesIn('plan', ...beside, '--pilot=x', '--root=none')).toEqual([
      expect.stringMatching(/^--pilot does not take "x"/),
      missing,
      ...told,
    ]);
    expect(await mistakesIn('render', 'a.txt', ...beside, '--root=none')).toEqual([missing, ...told]);
    const unknown = [expect.stringMatching(/^"a\.txt" is no document of /), ...told];
    expect(await mistakesIn('render', 'a.txt', ...beside, '--root', '.')).toEqual(unknown);
    expect(await mistakesIn('render', 'a.txt', ...beside, '--root', '.', '--histry')).toHaveLength(4);
  });

  test('a flag that means something else here is no option of a run', async () => {
    expect(await mistakesIn('status', '--root', '.', '--failed', '--histry')).toHaveLength(1);
  });

  test('a file as the command leads to ask, where there is one', async () => {
    await writeFile(join(workspace.root, 'my report.pdf'), '');
    const [mistake] = await mistakesIn('my report.pdf');
    expect(mistake).toMatch(/^'my report\.pdf' is no command\. /);
  });

  test.each([
    ['watch', ['watch', '--concurrency', '0'], '--concurrency does not take "0"'],
    ['simulate', ['simulate', '--port', 'x'], '--port does not take "x"'],
  ])('rejects with what the command %s itself refuses, as it says it', async (_, argv, message) => {
    const running = run(...argv);
    await expect(running).rejects.toThrow(message);
  });

  test('a dry run tells what would be done, sends nothing, and is of no trial', async () => {
    await workspace.drop('a.txt');
    const settings = settingsOf(workspace.root);
    const printed = text(settings.stdout);
    expect(await runProgram(['--once', '-n', '--root', '.', '--api', 'simulator'], settings)).toBe(0);
    settings.stdout.end();
    expect(await printed).toMatch(/1 document: 1 would be asked/);
    expect(existsSync(join(workspace.root, '.sluice'))).toBe(false);
    expect(await mistakesIn('run', '--dry-run', '--limit', '3')).toEqual([
      '--dry-run does not work with --limit: it tells what a whole run would do',
    ]);
  });

  test.each([
    ['without a command', ['--once']],
    ['watch', ['watch', '--once']],
    ['run', ['run', '-j4']],
  ])('%s works the inbox off, and resolves to the exit code', async (_, command) => {
    await workspace.drop('a.txt');
    await workspace.drop('empty.txt', '');
    const over = ['--root', workspace.root, '--api', 'simulator', '--settle', '0'];
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

  test('one that takes no workspace, and one that can do without, need no current folder', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sluice-test-'));
    try {
      await writeFile(join(root, 'a.txt'), 'Apples are red.');
      const ask = ['ask', 'Q', join(root, 'a.txt'), '--api', 'simulator'];
      expect(await runHere(...ask)).toContain('Apples are red.');
      expect(await runHere('models', '--api', 'simulator')).toContain('models');
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test.each([
    [['status']],
    [['ask', 'Q', 'a.txt', '--api', 'simulator']],
    [['watch', '--once', '--root', 'watch']],
    [['init']],
    [['plan', '--root', './watch']],
  ])('%j says so', async (args) => {
    const running = runHere(...args);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(running).rejects.toThrow('The current folder was deleted');
  });
});
