import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { endedBy, runProgram } from '../../src/cli/program.ts';
import { DiskError, UsageError, WorkspaceTakenError } from '../../src/domain/errors.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

function told(error: unknown): { readonly code: number; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const code = endedBy(error, (line) => lines.push(line));
  return { code, lines };
}

test.each([
  [new UsageError(['one', 'two']), 2, ['sluice: one', 'sluice: two']],
  [new WorkspaceTakenError('taken'), 8, ['sluice: taken']],
  [new DiskError('full'), 6, ['sluice: full']],
  ['a text', 1, ['sluice: a text']],
])('exit code and lines (%#)', (error, code, lines) => {
  expect(told(error)).toEqual({ code, lines });
});

test('what was not expected is told with its stack, line by line', () => {
  const { code, lines } = told(new Error('odd \u001B[2J'));
  expect(code).toBe(1);
  const [first, second] = lines;
  expect(first).toBe(String.raw`sluice: Error: odd \u{1b}[2J`);
  expect(second).toMatch(/^ {4}at .*ended\.test\.ts/);
});

describe('a name in the inbox does nothing to the terminal', () => {
  /** Red, a control sequence of one character, and text that runs backwards. */
  const EVIL = 'f\u001B[31m\u009B2J\u202Ex';
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  async function linesOf(...argv: readonly string[]): Promise<readonly string[]> {
    const here = ['--root', workspace.root, '--api', 'simulator'];
    const error: unknown = await runProgram([...argv, ...here], settingsOf(workspace.root)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    return told(error).lines;
  }

  test('with a recipe that cannot be used', async () => {
    await mkdir(join(workspace.root, 'inbox', EVIL));
    await writeFile(join(workspace.root, 'inbox', EVIL, '_recipe.prompt'), '{{#if');
    await workspace.drop(`${EVIL}/a.txt`);
    const [line, ...others] = await linesOf('check');
    expect(line).toContain(String.raw`f\u{1b}[31m\u{9b}2J\u{202e}x/_recipe.prompt cannot be used`);
    expect(others).toEqual([]);
  });

  test('beside another whose result has the same name', async () => {
    await mkdir(join(workspace.root, 'recipes'));
    await writeFile(
      join(workspace.root, 'recipes', 'default.prompt'),
      '---\noutput: { name: "all-{{extension}}" }\n---\n{{document}}',
    );
    await workspace.drop(`${EVIL}1.txt`);
    await workspace.drop(`${EVIL}2.txt`);
    expect((await linesOf('run')).join('\n')).toMatch(/\\u\{1b\}.*would both have the result/);
  });

  test('as what a person gave', async () => {
    expect((await linesOf('render', `${EVIL}.txt`)).join('\n')).toMatch(/f\\u001b\[31m\\u\{9b\}2J\\u\{202e\}x\.txt/);
  });
});
