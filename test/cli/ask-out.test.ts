import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

let workspace: Workspace;
let folder: string;
beforeEach(async () => {
  workspace = await Workspace.make();
  folder = workspace.inbox();
  for (const name of ['A/x.txt', 'A/sub/z.txt', 'B/x.txt']) await workspace.drop(name);
});
afterEach(() => workspace.remove());

/** What comes from stdin, where it is asked about. */
let piped = '';

/** Runs the program here, and resolves to its exit code and what it printed. */
async function called(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const context = settingsOf(folder);
  const stdin = { isTTY: true, read: () => Readable.from([Buffer.from(piped)]) };
  const code = await runProgram(args, { ...context, stdin });
  return { code, printed: String(context.stdout.read() ?? '') };
}

const ask = (...args: readonly string[]) =>
  called('ask', ...args, '--out', 'ab', '--api', 'simulator', '--log-level', 'silent', '--json');

async function asked(...args: readonly string[]): Promise<unknown> {
  return JSON.parse((await ask(...args)).printed);
}

/** What it is refused with; nothing of the answers' folder is changed by it. */
async function refusalOf(...args: readonly string[]): Promise<string> {
  const before = await readdir(workspace.inbox('ab'), { recursive: true });
  const error: unknown = await called(...args).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  // A reader of the ledger leaves empty files of SQLite's.
  const after = await readdir(workspace.inbox('ab'), { recursive: true });
  expect(after.filter((name) => !/-(?:wal|shm)$/.test(name))).toEqual(
    before.filter((name) => !/-(?:wal|shm)$/.test(name)),
  );
  return (error as UsageError).message;
}

const NO_WORKSPACE = /holds answers of the command ask, and is no workspace/;

const refusedAsk = (...args: readonly string[]) => refusalOf('ask', ...args, '--out', 'ab', '--api', 'simulator');

test('an id means one file: those of other folders are refused, and the same files keep their ids', async () => {
  await asked('Q', 'A/x.txt');
  const answer = await readFile(workspace.inbox('ab/x.txt.md'), 'utf8');
  expect(await refusedAsk('Q', 'B/x.txt')).toMatch(/are to files of .*\/A, and B\/x\.txt lies elsewhere: name another/);
  expect(await refusedAsk('Q', 'A', 'B')).toMatch(/not all that was named lies there/);
  expect(await asked('Q', 'A/sub/z.txt')).toMatchObject({ succeeded: 1 });
  expect(await asked('Q', 'A')).toMatchObject({ documents: 2, skipped: 2, attempts: 0 });
  expect(await readFile(workspace.inbox('ab/x.txt.md'), 'utf8')).toBe(answer);
});

test('another question is not answered with the answers to the one before', async () => {
  await asked('Q', 'A/x.txt');
  expect(await refusedAsk('Q2', 'A')).toMatch(/has 1 answer to another question.*--redo stale/);
  expect(await refusedAsk('Q', 'A', '-m', 'openai/gpt-5')).toMatch(/has 1 answer/);
  expect(await asked('Q2', 'A', '--redo', 'changed')).toMatchObject({ succeeded: 1, skipped: 1, stale: 1 });
  expect(await asked('Q2', 'A', '--redo', 'stale')).toMatchObject({ succeeded: 1, skipped: 1, stale: 0 });
});

test('the answer to what came from stdin is not replaced, unless that is said', async () => {
  piped = 'Pears are green.';
  expect(await asked('Q', '-')).toMatchObject({ succeeded: 1 });
  const answer = await readFile(workspace.inbox('ab/stdin.md'), 'utf8');
  expect(await asked('Q', '-')).toMatchObject({ skipped: 1, attempts: 0 });
  expect(await refusedAsk('Q2', '-')).toMatch(/has 1 answer to another question/);
  piped = 'Plums are blue.';
  expect(await refusedAsk('Q', '-')).toMatch(/something else that came from stdin, stdin\.md\. --redo changed asks/);
  expect(await readFile(workspace.inbox('ab/stdin.md'), 'utf8')).toBe(answer);
  expect(await asked('Q', '-', '--redo', 'changed')).toMatchObject({ succeeded: 1 });
  expect(await readFile(workspace.inbox('ab/stdin.md'), 'utf8')).toContain('Plums are blue');
});

test('of another pipe, another question is not told that the answer stays: it would be replaced', async () => {
  piped = 'Pears are green.';
  expect(await asked('Q', '-', 'A/x.txt')).toMatchObject({ succeeded: 2 });
  expect(await asked('Q2', '-', 'A/x.txt', '--redo', 'changed')).toMatchObject({ skipped: 2, attempts: 0 });
  expect(await refusedAsk('Q2', '-', 'A/x.txt')).toMatch(/has 2 answers to another question/);
  piped = 'Plums are blue.';
  for (const paths of [['-'], ['-', 'A/x.txt']])
    expect(await refusedAsk('Q2', ...paths)).toMatch(/something else that came from stdin.*and replaces it/);
});

test('an answer that was deleted is in no one’s way', async () => {
  piped = 'Pears are green.';
  expect(await asked('Q', '-', 'A/x.txt')).toMatchObject({ succeeded: 2 });
  await rm(workspace.inbox('ab/stdin.md'));
  piped = 'Plums are blue.';
  expect(await asked('Q', '-')).toMatchObject({ succeeded: 1, attempts: 1 });
  expect(await asked('Q', '-')).toMatchObject({ skipped: 1, attempts: 0 });
  await rm(workspace.inbox('ab/stdin.md'));
  await rm(workspace.inbox('ab/x.txt.md'));
  expect(await asked('Q2', '-', 'A/x.txt')).toMatchObject({ succeeded: 2, attempts: 2 });
});

test('what is asked of one document in vain is no answer to another question', async () => {
  await workspace.drop('A/empty.txt', '');
  expect(await asked('Q', 'A/empty.txt')).toMatchObject({ failed: 1 });
  expect(await asked('Q2', 'A/x.txt', 'A/empty.txt')).toMatchObject({ succeeded: 1, failed: 1 });
});

test('a folder whose memory was lost keeps its answers; hidden names and reports are in no one’s way', async () => {
  await mkdir(workspace.inbox('ab/failed'), { recursive: true });
  await writeFile(workspace.inbox('ab/.DS_Store'), '');
  expect(await asked('Q', 'A/x.txt')).toMatchObject({ succeeded: 1 });
  await rm(workspace.inbox('ab/.sluice'), { recursive: true });
  expect(await asked('Q', 'A')).toMatchObject({ documents: 2, succeeded: 1, skipped: 1, attempts: 1 });
  await rm(workspace.inbox('ab/.sluice'), { recursive: true });
  await workspace.drop('C/other.txt');
  expect(await refusedAsk('Q', 'C')).toMatch(/holds other files/);
});

test('other commands know a folder of answers, and no run makes a workspace of it', async () => {
  await workspace.drop('A/empty.txt', '');
  expect(await ask('Q', 'A')).toMatchObject({ code: 3 });
  const shown = await called('show', 'A/x.txt', '--root', 'ab');
  expect(shown.printed).toContain(`Result: ${workspace.inbox('ab/x.txt.md')}`);
  const status = await called('status', '--root', 'ab');
  expect(status.printed).toMatch(/^3 documents: 2 done, 1 failed, 0 held, 0 pending\.\nAs for API simulator/);
  expect(status.printed).not.toContain('Stale');
  const retried = await called('retry', '--root', 'ab');
  expect(retried.printed).toMatch(/The same question again takes them: sluice ask \.\.\. --out \S*ab\n$/);
  expect(existsSync(workspace.inbox('ab/failed/empty.txt.error.json'))).toBe(false);
  expect((await called('status', '--root', 'ab')).printed).toContain('1 pending');
  for (const args of [['--once'], ['--test'], []])
    expect(await refusalOf(...args, '--root', 'ab', '-p', 'Q', '--api', 'simulator')).toMatch(NO_WORKSPACE);
  expect(await refusalOf('init', 'ab')).toMatch(NO_WORKSPACE);
});
