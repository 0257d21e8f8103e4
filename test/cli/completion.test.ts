import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { versionOf } from '../support/filled-ledger.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import { ledgerWorkspaces } from './inspect/ledger-workspace.ts';
import { settingsOf } from './support.ts';

const here = ledgerWorkspaces();
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

async function printed(...argv: readonly string[]): Promise<string> {
  const settings = settingsOf(here.workspace.root);
  const told = text(settings.stdout);
  expect(await runProgram(argv, settings)).toBe(0);
  settings.stdout.end();
  return told;
}

/** The words that are offered for the last one, without what they mean. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const lines = (await printed('completion', 'words', '--', ...words)).trimEnd().split('\n');
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe('what is offered', () => {
  test.each([
    [['st'], ['status']],
    [['--root', 'watch', 'st'], ['status']],
    [['help', 'al'], ['all']],
    [['--red'], ['--redo']],
    [['--once', '--no-s'], ['--no-stream']],
    [['run', '--dr'], ['--dry-run']],
    [['status', '--rpm'], ['']],
    [['--redo', 's'], ['stale']],
    [['-r', ''], ['']],
    [['--api', 'ol'], ['ollama']],
    [['--api=ol'], ['--api=ollama']],
    [['--api', '=', 'ol'], ['ollama']],
    [
      ['--redo', '='],
      ['never', 'changed', 'stale', 'all'],
    ],
    [['--root=watch', 'st'], ['status']],
    [
      ['init', '--recipe', ''],
      ['summarize', 'extract', 'classify', 'translate'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['status', 's'], ['']],
  ])('for %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  test('documents: of the ledger, or of the inbox for render; as far as they are typed, and 200 at most', async () => {
    const versions = Array.from(Array(203).keys(), (index) => versionOf(`q1/${index}.md`));
    await here.fill(async (filled) => {
      await Promise.all(versions.map((version) => filled.fail(version)));
    });
    await here.workspace.drop('new.txt');
    const { root } = here.workspace;
    expect(await offered('show', '--root', root, 'q1/20')).toEqual(['q1/20.md', 'q1/200.md', 'q1/201.md', 'q1/202.md']);
    expect(await offered('retry', '--root', root, "'q1/11")).toHaveLength(11);
    expect(await offered('show', '--root', root, 'q')).toHaveLength(200);
    expect(await offered('render', '--root', root, '')).toEqual(['new.txt']);
    expect(await offered('render', `--root=${root}`, '')).toEqual(['new.txt']);
    expect(await offered('render', '--root', '=', root, '')).toEqual(['new.txt']);
    expect(await offered('show', '--root', join(root, 'none'), '')).toEqual(['']);
  });
});

/** A shell of this name, or null, which is told. */
function shell(name: string): string | null {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  sayNotTested(`completion in ${name}`, 'it is not installed');
  return null;
}

/** What each shell would put on the screen for a line. */
const ASK: Readonly<Record<string, (script: string) => string>> = {
  bash: (script) => `source ${script}; COMP_WORDS=(sluice status --r); COMP_CWORD=2; _sluice; echo "\${COMPREPLY[@]}"`,
  zsh: (script) =>
    `compdef() { :; }; _describe() { print -l -- \${(P)2}; }; source ${script}; words=(sluice status --r); CURRENT=3; _sluice`,
  fish: (script) => `source ${script}; complete -C 'sluice status --r'`,
};

test.each(Object.keys(ASK))('the script for %s works there', async (name) => {
  const path = shell(name);
  if (path === null) return;
  const folder = here.workspace.root;
  await symlink(MAIN, join(folder, 'sluice'));
  await chmod(MAIN, 0o755);
  await writeFile(join(folder, 'script'), await printed('completion', name));
  const environment = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder };
  const told = execFileSync(path, ['-c', ASK[name]?.(join(folder, 'script')) ?? ''], {
    encoding: 'utf8',
    env: environment,
    cwd: folder,
  });
  expect(told.trim()).toMatch(/^--root\b/);
});
