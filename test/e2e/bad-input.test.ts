import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { settingsOf } from '../cli/support.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import type { Workspace } from '../support/workspace.ts';
import { type EndedProgram, onceOver, setTheStage, WITHOUT_PRIVILEGES } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** What a mistake in flags or configuration must come to. */
function expectRefusal(program: EndedProgram, ...words: readonly (string | RegExp)[]): void {
  expect(program.code).toBe(2);
  expect(program.stdout).toBe('');
  for (const word of words) expect(program.stderr).toMatch(word);
  // A sentence for a person, not the innards of the program.
  expect(program.stderr).not.toMatch(/^\s+at /m);
}

/**
 * The same in this process, where no folder has to be wrong: that the program ends with 2 and one sentence when it is
 * refused, the runs over wrong folders show.
 */
async function expectRefusalHere(
  args: readonly string[],
  folder: string,
  words: readonly (string | RegExp)[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const settings = settingsOf(folder);
  const refusal: unknown = await runProgram(args, { ...settings, environment }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UsageError);
  expect(settings.stdout.read()).toBeNull();
  for (const word of words) expect(String(refusal)).toMatch(word);
}

function other(workspace: Workspace, name: string): string {
  return join(workspace.root, name);
}

describe('a run over folders that do not fit', () => {
  /** Makes the folders wrong; returns the flags to run with and what the message must name. */
  type Spoil = (workspace: Workspace) => Promise<{ flags: readonly string[]; names: readonly (string | RegExp)[] }>;

  const MISTAKES: readonly [string, Spoil][] = [
    [
      'a workspace that does not exist',
      async (workspace) => {
        const root = other(workspace, 'nowhere');
        return { flags: ['--root', root], names: [root, '--root', 'does not exist'] };
      },
    ],
    [
      'a workspace that is a file',
      async (workspace) => {
        const root = other(workspace, 'file');
        await writeFile(root, '');
        return { flags: ['--root', root], names: [root, 'not a folder'] };
      },
    ],
    [
      'an inbox that was named and does not exist',
      async (workspace) => {
        const folder = other(workspace, 'nowhere');
        return { flags: ['--inbox', folder], names: [folder, '--inbox', 'does not exist'] };
      },
    ],
    ...(['inbox', 'outbox', 'failed'] as const).map((name): [string, Spoil] => [
      `a file as --${name}`,
      async (workspace) => {
        const folder = other(workspace, 'file');
        await writeFile(folder, '');
        return { flags: [`--${name}`, folder], names: [folder, name, 'not a folder'] };
      },
    ]),
    [
      'an inbox that cannot be read',
      async (workspace) => {
        await chmod(workspace.inbox(), 0o000);
        return { flags: [], names: [workspace.inbox(), 'cannot be read', 'permission'] };
      },
    ],
    ...(['outbox', 'failed'] as const).map((name): [string, Spoil] => [
      `a folder ${name} that cannot be written to`,
      async (workspace) => {
        const folder = other(workspace, name);
        await mkdir(folder, { mode: 0o555 });
        return { flags: [], names: [folder, 'cannot be written to', 'permission'] };
      },
    ]),
    [
      'an outbox within the inbox',
      async (workspace) => {
        const outbox = workspace.inbox('results');
        await mkdir(outbox);
        return { flags: ['--outbox', outbox], names: [outbox, 'lies in', workspace.inbox()] };
      },
    ],
    [
      'an inbox within the outbox',
      async (workspace) => {
        const inbox = workspace.outbox('documents');
        await mkdir(inbox, { recursive: true });
        return { flags: ['--inbox', inbox], names: [inbox, 'lies in', workspace.outbox()] };
      },
    ],
    [
      'an outbox that a link leads into the inbox',
      async (workspace) => {
        const outbox = other(workspace, 'linked');
        await mkdir(workspace.inbox('results'));
        await symlink(workspace.inbox('results'), outbox);
        return { flags: ['--outbox', outbox], names: [outbox, 'lies in', workspace.inbox()] };
      },
    ],
    [
      'failure reports that would fall into the inbox',
      async (workspace) => ({
        flags: ['--failed', workspace.inbox()],
        names: [workspace.inbox(), /failed .*inbox|inbox .*failed/],
      }),
    ],
  ];

  test.each(MISTAKES)('refuses %s', async (_, spoil) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const document = await workspace.drop('a.txt');
    const { flags, names } = await spoil(workspace);
    stage.afterwards(() => chmod(workspace.inbox(), 0o755));

    const program = await stage.run(onceOver(workspace, simulator, ...flags), WITHOUT_PRIVILEGES);

    expectRefusal(program, ...names);
    expect(simulator.billing()).toEqual([]);
    await chmod(workspace.inbox(), 0o755);
    expect(existsSync(document)).toBe(true);
    expect(existsSync(other(workspace, 'nowhere'))).toBe(false);
  });

  test('makes the default workspace where it is missing, and says so', async () => {
    const folder = await stage.folder();
    const program = await stage.run(['--once', '--api', 'simulator', '--json'], { currentFolder: folder });
    expect(program.code).toBe(0);
    expect(program.stderr).toContain(`Made the workspace ${join(folder, 'watch')}`);
    expect((await readdir(join(folder, 'watch'))).toSorted()).toEqual(['.sluice', 'failed', 'inbox', 'outbox']);
  });
});

describe('folders for what comes out', () => {
  test.each(['outbox', 'failed'])(
    'are not made where --%s names one that is missing: it may be mistyped',
    async (name) => {
      const workspace = await stage.workspace();
      const simulator = await stage.simulator();
      await workspace.drop('good.txt');
      const missing = other(workspace, 'outbx');
      const program = await stage.run(onceOver(workspace, simulator, `--${name}`, missing));
      expect(program.code).toBe(2);
      expect(program.stderr).toMatch(/outbx \(--\w+\) does not exist/);
      expect(existsSync(missing)).toBe(false);
      expect(simulator.billing()).toEqual([]);
    },
  );

  test('are used where they are, wherever they are', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'length', document: 'bad' }] });
    await workspace.drop('good.txt');
    await workspace.drop('bad.txt');
    const [results, reports] = [other(workspace, 'out/results'), other(workspace, 'out/reports')];
    await mkdir(results, { recursive: true });
    await mkdir(reports, { recursive: true });
    const program = await stage.run(onceOver(workspace, simulator, '--outbox', results, '--failed', reports));
    expect(program.code).toBe(3);
    expect(await readdir(results)).toEqual(['good.txt.md']);
    expect((await readdir(reports)).toSorted()).toEqual(['bad.txt.error.json', 'bad.txt.partial.md']);
    expect(existsSync(workspace.outbox('good.txt.md'))).toBe(false);
  });
});

describe('a run with settings that make no sense', () => {
  const FLAGS: readonly [string, readonly string[], readonly (string | RegExp)[]][] = [
    ['a flag that is misspelt', ['--concurency', '3'], ['--concurency', '--concurrency?']],
    ['a flag of a later version, that would cost money if it were ignored', ['--tier', 'flex'], ['tier']],
    ['a command that is misspelt', ['wacth'], ['wacth']],
    ['a concurrency of 0', ['--concurrency', '0'], ['--concurrency', '"0"', 'from 1 to']],
    ['a concurrency of -1', ['--concurrency', '-1'], ['--concurrency', '-1', 'from 1 to']],
    ['a concurrency of abc', ['--concurrency', 'abc'], ['--concurrency', '"abc"', 'from 1 to']],
    ['a concurrency without a number', ['--concurrency'], ['concurrency']],
    ['a concurrency that was given twice', ['--concurrency', '1', '--concurrency', '2'], ['--concurrency', 'once']],
    ['a wait of less than nothing', ['--retry-delay', '-2'], ['--retry-delay', '-2', 'from 0']],
    ['a reasoning effort that does not exist', ['--reasoning', 'hard'], ['--reasoning', '"hard"', 'minimal']],
    ['a number of retries with a unit', ['--retries', '5x'], ['--retries', '"5x"', 'from 0']],
    ['a URL without a scheme', ['--api', 'localhost:8080/api/v1'], ['--api', 'localhost:8080', 'http://']],
    ['a URL of another scheme', ['--api', 'ftp://host/api'], ['--api', 'ftp://host', 'http://']],
    ['a recipe that does not exist', ['--recipe', '/nowhere/recipe.md'], ['/nowhere/recipe.md', 'does not exist']],
    ['a recipe that is a folder', ['--recipe', '/tmp'], ['/tmp', /recipe/]],
    ['a key file that does not exist', ['--api-key-file', '/nowhere/key'], ['/nowhere/key', 'does not exist']],
  ];

  test.each(FLAGS)('refuses %s', async (_, flags, words) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    await expectRefusalHere(onceOver(workspace, simulator, ...flags), workspace.root, words);
    expect(simulator.billing()).toEqual([]);
    expect(existsSync(workspace.inbox('a.txt'))).toBe(true);
  });

  test('names the variable of the environment that is wrong or unknown', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    const args = onceOver(workspace, simulator);
    const { root } = workspace;
    await expectRefusalHere(args, root, ['SLUICE_CONCURRENCY', '"many"'], { SLUICE_CONCURRENCY: 'many' });
    await expectRefusalHere(args, root, ['SLUICE_CONCURENCY', 'SLUICE_CONCURRENCY'], { SLUICE_CONCURENCY: '3' });
    expect(simulator.billing()).toEqual([]);
  });

  test('names the file and the key of a configuration that is wrong, unknown, or no YAML', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('a.txt');
    const file = join(workspace.root, 'sluice.config.yaml');
    for (const [text, word] of [
      ['concurrency: many', '"many"'],
      ['concurency: 3', 'concurency'],
      ['concurrency: [', 'YAML'],
      ['tier: flex', 'tier'],
    ] as const) {
      await writeFile(file, text);
      await expectRefusalHere(onceOver(workspace, simulator), workspace.root, [file, word]);
    }
    expect(simulator.billing()).toEqual([]);
  });

  test('says the three ways on where there is no key', async () => {
    const workspace = await stage.workspace();
    await workspace.drop('a.txt');
    const program = await stage.run(['--root', workspace.root]);
    expectRefusal(program, 'OPENROUTER_API_KEY', '--api simulator', '--api ollama');
    expect(program.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('sends no key of OpenRouter to another API, and says that it has none', async () => {
    const workspace = await stage.workspace();
    await workspace.drop('a.txt');
    const args = ['--once', '--root', workspace.root, '--api', 'https://elsewhere.invalid/v1', '--model', 'm'];
    const program = await stage.run(args, { environment: { OPENROUTER_API_KEY: 'sk-or-secret' } });
    expectRefusal(program, 'SLUICE_API_KEY');
    expect(program.stderr).not.toContain('sk-or-secret');
  });
});

describe('entries of the inbox that are no documents', () => {
  const LEFT_ALONE: Readonly<Record<string, readonly ((workspace: Workspace) => unknown)[]>> = {
    'pipes, sockets and devices': [
      (workspace) => execFileSync('mkfifo', [workspace.inbox('pipe.txt')]),
      (workspace) => {
        const server = createServer().listen(workspace.inbox('socket.txt'));
        stage.afterwards(() => new Promise((resolve) => server.close(resolve)));
      },
    ],
    links: [
      (workspace) => symlink('/nowhere/at/all', workspace.inbox('dangling.txt')),
      (workspace) => symlink(join(other(workspace, 'outside'), 'secret.txt'), workspace.inbox('link-to-a-file.txt')),
      (workspace) => symlink(other(workspace, 'outside'), workspace.inbox('link-to-a-folder')),
      (workspace) => symlink(workspace.inbox(), workspace.inbox('round-and-round')),
      (workspace) => symlink('/dev/zero', workspace.inbox('link-to-a-device.txt')),
    ],
    'names that are not valid UTF-8': [
      (workspace) => writeFile(Buffer.from(`${workspace.inbox()}/caf\xe9.txt`, 'latin1'), 'Text.'),
    ],
    'hidden names': [(workspace) => writeFile(workspace.inbox('.hidden.txt'), 'Text.')],
    'editor and download leftovers': [
      (workspace) => writeFile(workspace.inbox('film.txt.part'), 'Text.'),
      (workspace) => writeFile(workspace.inbox('notes.txt~'), 'Text.'),
    ],
    'names that begin with _': [(workspace) => writeFile(workspace.inbox('_notes.md'), 'Ignore all that.')],
  };

  test('are left alone and counted by kind, and what lies beside them is answered', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await mkdir(other(workspace, 'outside'));
    await writeFile(join(other(workspace, 'outside'), 'secret.txt'), 'Not for the API.');
    await workspace.drop('good.txt');
    for (const put of Object.values(LEFT_ALONE).flat()) await put(workspace);

    const program = await stage.run(onceOver(workspace, simulator));

    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ documents: 1, succeeded: 1 });
    expect(program.summary['ignored']).toEqual(
      Object.fromEntries(Object.entries(LEFT_ALONE).map(([kind, entries]) => [kind, entries.length])),
    );
    expect(simulator.billing()).toMatchObject([{ requests: 1, billed: 1 }]);
    expect(await readdir(workspace.outbox())).toEqual(['good.txt.md']);
  });

  test('may be devices', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('good.txt');
    try {
      execFileSync('mknod', [workspace.inbox('device.txt'), 'c', '1', '5'], { stdio: 'pipe' });
    } catch {
      sayNotTested('a device in the inbox', 'making one is refused');
      return;
    }
    const program = await stage.run(onceOver(workspace, simulator));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, ignored: { 'pipes, sockets and devices': 1 } });
    expect(simulator.billing()).toHaveLength(1);
  });

  test('are not folders that are named like files', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('x.txt/inside.md');
    const program = await stage.run(onceOver(workspace, simulator));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ documents: 1, succeeded: 1 });
    expect(workspace.hasResult('x.txt/inside.md')).toBe(true);
  });
});

describe('names that are rare and allowed', () => {
  const NAMES = [
    'two\nlines.txt',
    '📊 Übersicht 数据.md',
    '--once',
    `back\\slash "and' quotes.txt`,
    'red\u001B[31m.txt',
    ' blanks at both ends ',
    'constructor',
    '$&{{name}}%s.txt',
    'n'.repeat(200),
  ];

  test('are answered under the same names, once, and logged a line each', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    for (const name of NAMES) await workspace.drop(name, `A document under the name ${JSON.stringify(name)}. Yes.`);

    const program = await stage.run(onceOver(workspace, simulator));
    const again = await stage.run(onceOver(workspace, simulator));

    expect(program.code).toBe(0);
    expect((await readdir(workspace.outbox())).toSorted()).toEqual(NAMES.map((name) => `${name}.md`).toSorted());
    const succeeded = program.log.filter(({ event }) => event === 'document-succeeded');
    expect(succeeded.map(({ document }) => String(document)).toSorted()).toEqual(NAMES.toSorted());
    expect(program.stderr.trim().split('\n')).toHaveLength(program.log.length);
    expect(again).toMatchObject({ code: 0, summary: { skipped: NAMES.length, attempts: 0 } });
    expect(simulator.billing()).toHaveLength(NAMES.length);
  });

  test('may have 255 bytes: the names of results and reports are then shortened', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const good = `${'é'.repeat(125)}a.txt`;
    const bad = 'b'.repeat(255);
    expect(Buffer.byteLength(good)).toBe(255);
    await workspace.drop(good);
    await workspace.drop(bad, '');

    const program = await stage.run(onceOver(workspace, simulator));
    const [results, reports] = [await readdir(workspace.outbox()), await readdir(workspace.failed())];
    const again = await stage.run(onceOver(workspace, simulator));

    expect(program.code).toBe(3);
    expect(results).toEqual([expect.stringMatching(/^é+.*\.md$/)]);
    expect(reports).toEqual([expect.stringMatching(/^b+.*\.error\.json$/)]);
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'document-succeeded', document: good }));
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'document-failed', document: bad }));
    expect(again).toMatchObject({ code: 3, summary: { skipped: 1, failed: 1, attempts: 0 } });
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
  });
});

describe('documents that are never sent', () => {
  const REFUSED: readonly [string, string | Buffer, string, RegExp][] = [
    ['empty', '', 'empty', /empty/i],
    ['blank', ' \n\t\r\n  ', 'blank', /white space/],
    ['blank but for a byte order mark', '\uFEFF \n', 'blank', /white space/],
    ['binary', Buffer.from([1, 0, 2, 0, 3, 255, 0, 7]), 'not-text', /binary/i],
    ['an old Word file', Buffer.from('d0cf11e0a1b11ae1'.padEnd(1200, '0'), 'hex'), 'unsupported-type', /docx/],
    ['no valid UTF-8', Buffer.from('caf\xe9 au lait', 'latin1'), 'wrong-encoding', /UTF-8/],
    ['larger than the limit', 'x'.repeat(1001), 'too-large', /1001 bytes.*1000.*--max-bytes/],
  ];

  test('are reported with the reason, and nothing is spent on them', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('good.txt');
    for (const [name, content] of REFUSED) await workspace.drop(`folder/${name}.txt`, content);

    const program = await stage.run(onceOver(workspace, simulator, '--max-bytes', '1000'));

    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ succeeded: 1, failed: REFUSED.length, attempts: 1 });
    expect(simulator.billing()).toHaveLength(1);
    for (const [name, , code, reason] of REFUSED) {
      const id = `folder/${name}.txt`;
      expect(await workspace.report(id)).toMatchObject({ document: { id }, code, attempts: [] });
      expect(await workspace.report(id)).toMatchObject({ reason: expect.stringMatching(reason) });
      expect(program.log).toContainEqual(expect.objectContaining({ event: 'document-failed', document: id, code }));
      expect(existsSync(workspace.inbox(id))).toBe(true);
      expect(workspace.hasResult(id)).toBe(false);
    }
  });

  test('are not those with a byte order mark of UTF-8 or UTF-16', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const text = '\uFEFFGrüße. Ein Satz.';
    await workspace.drop('utf-8.txt', Buffer.from(text));
    await workspace.drop('utf-16-le.txt', Buffer.from(text, 'utf16le'));
    await workspace.drop('utf-16-be.txt', Buffer.from(text, 'utf16le').swap16());

    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(0);

    expect(await workspace.result('utf-8.txt')).toContain('Grüße');
    expect(await workspace.result('utf-16-le.txt')).toBe(await workspace.result('utf-8.txt'));
    expect(await workspace.result('utf-16-be.txt')).toBe(await workspace.result('utf-8.txt'));
  });

  test('may be those whose permissions do not allow reading them', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await chmod(await workspace.drop('locked.txt'), 0o000);
    await workspace.drop('good.txt');
    const program = await stage.run(onceOver(workspace, simulator), WITHOUT_PRIVILEGES);
    expect(program.code).toBe(3);
    expect(await workspace.report('locked.txt')).toMatchObject({ code: 'unreadable', attempts: [] });
    expect(simulator.billing()).toHaveLength(1);
  });
});
