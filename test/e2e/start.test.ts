import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { run } from '../support/program.ts';
import { filesIn, type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const openScene = scenes();

const KEY = 'sk-or-v1-a-key-that-nobody-may-see';
/** The simulator refuses this one. */
const BAD_KEY = 'bad-key';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function keyFile({ workspace }: Scene, content: string): Promise<string> {
  const path = join(workspace.root, 'key');
  await writeFile(path, content);
  return path;
}

describe('help', () => {
  test('goes to stdout', async () => {
    const { code, stdout, stderr } = await run(['--help']);

    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('--once');
  });

  test('--version is the version of the package', async () => {
    const { code, stdout } = await run(['--version']);

    expect(code).toBe(0);
    expect(stdout).toBe(`${version}\n`);
  });

  test('knows no flag that does not work yet: one that lowers the cost must not be taken and ignored', async () => {
    const { code, stderr, stdout } = await run(['--once', '--api', 'simulator', '--tier', 'flex']);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('tier');
  });
});

describe('a mistake in the command line', () => {
  test.each([
    [['--concurency', '5'], 'concurency'],
    [['wach'], 'wach'],
    [['--concurrency', '0'], '--concurrency'],
    [['--json=maybe'], 'json'],
  ])('%j is refused with 2 and a sentence on stderr', async (args, named) => {
    const scene = await openScene();
    const { code, stdout, stderr } = await run([...scene.flags, ...args]);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sluice: .+\n$/);
    expect(stderr).toContain(named);
  });
});

describe('without a key', () => {
  test('one sentence names the three ways on, and nothing is begun', async () => {
    const scene = await openScene();
    const { code, stdout, stderr } = await run(['--root', scene.workspace.root]);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sluice: .+\n$/);
    expect(stderr).toContain('OPENROUTER_API_KEY');
    expect(stderr).toContain('--api simulator');
    expect(stderr).toContain('--api ollama');
  });

  test('an API on this machine is asked all the same', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');

    const { code } = await scene.once();

    expect(code).toBe(0);
    expect(await scene.requests()).toMatchObject([{ hasKey: false }]);
  });
});

describe('a key', () => {
  test.each([['OPENROUTER_API_KEY'], ['SLUICE_API_KEY']])('is taken from %s', async (name) => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');

    const { code } = await scene.once([], { environment: { [name]: KEY } });

    expect(code).toBe(0);
    expect(await scene.requests()).toMatchObject([{ hasKey: true }]);
  });

  test('is taken from .env in the current folder, unless the environment has one', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');
    await writeFile(join(scene.workspace.root, '.env'), `OPENROUTER_API_KEY="${BAD_KEY}"\n`);
    const currentFolder = scene.workspace.root;

    const refused = await scene.once([], { currentFolder });
    const accepted = await scene.once([], { currentFolder, environment: { OPENROUTER_API_KEY: KEY } });

    expect([refused.code, accepted.code]).toEqual([5, 0]);
    expect(await scene.requests()).toMatchObject([{ outcome: 'key-refused' }, { outcome: 'answer', hasKey: true }]);
  });

  test('is taken from the file of --api-key-file before any variable', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');
    const path = await keyFile(scene, `${KEY}\n`);

    const { code } = await scene.once(['--api-key-file', path], { environment: { SLUICE_API_KEY: BAD_KEY } });

    expect(code).toBe(0);
    expect(await scene.requests()).toMatchObject([{ outcome: 'answer', hasKey: true }]);
  });

  test('is not sent where it is meant for another API', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');

    const { code } = await scene.once([], { environment: { OPENAI_API_KEY: KEY } });

    expect(code).toBe(0);
    expect(await scene.requests()).toMatchObject([{ hasKey: false }]);
  });

  test('is nowhere to be seen: not in what is printed, not in a file', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 400, message: `The key ${KEY} was used.` }] });
    await scene.workspace.drop('a.txt');

    const { code, stdout, stderr } = await scene.once(['--log-level', 'trace'], {
      environment: { OPENROUTER_API_KEY: KEY },
    });

    expect(code).toBe(3);
    const files = await filesIn(scene.workspace.root);
    const written = await Promise.all(files.map((file) => readFile(join(scene.workspace.root, file), 'utf8')));
    expect(files).toContain('failed/a.txt.error.json');
    expect([stdout, stderr, ...written].filter((text) => text.includes(KEY))).toEqual([]);
  });

  test.each([
    ['does not exist', null],
    ['is empty', '\n'],
    ['has several lines', `${KEY}\n${KEY}\n`],
  ])('is refused where its file %s, without being told', async (_, content) => {
    const scene = await openScene();
    const path = content === null ? join(scene.workspace.root, 'none') : await keyFile(scene, content);

    const { code, stderr } = await scene.once(['--api-key-file', path]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^sluice: .+\n$/);
    expect(stderr).toContain(path);
    expect(stderr).not.toContain(KEY);
  });
});

describe('options', () => {
  test('come from the configuration file, which the environment beats, which a flag beats', async () => {
    const scene = await openScene();
    await writeFile(
      join(scene.workspace.root, 'sluice.config.yaml'),
      'model: openai/gpt-5\nstream: false\nredo: all\n',
    );
    await scene.workspace.drop('a.txt');
    const environment = { SLUICE_MODEL: 'openai/gpt-5-mini' };

    const codes = [
      (await scene.once()).code,
      (await scene.once([], { environment })).code,
      (await scene.once(['--model', 'google/gemini-2.5-flash', '--stream'], { environment })).code,
    ];

    expect(codes).toEqual([0, 0, 0]);
    expect(await scene.requests()).toMatchObject([
      { model: 'openai/gpt-5', stream: false },
      { model: 'openai/gpt-5-mini', stream: false },
      { model: 'google/gemini-2.5-flash', stream: true },
    ]);
  });

  test('come from .env as well, and SLUICE_ROOT names the workspace', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');
    const folder = join(scene.workspace.root, 'elsewhere');
    await mkdir(folder);
    const settings = { SLUICE_ROOT: '..', SLUICE_API: scene.simulator.url, SLUICE_ONCE: 'true', SLUICE_PROMPT: 'Why?' };
    const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(folder, '.env'), text.join(''));

    const { code } = await run([], { currentFolder: folder });

    expect(code).toBe(0);
    expect(scene.workspace.hasResult('a.txt')).toBe(true);
  });

  test.each([
    ['a variable that is no option', { SLUICE_MODL: 'x' }, '', ['SLUICE_MODL', 'SLUICE_MODEL']],
    ['a variable with a bad value', { SLUICE_CONCURRENCY: '-1' }, '', ['SLUICE_CONCURRENCY', '-1']],
    ['a key of the file that is no option', {}, 'modell: x\n', ['modell', 'sluice.config.yaml', 'model']],
    ['a bad value in the file', {}, 'retries: often\n', ['retries', 'sluice.config.yaml', 'often']],
    ['a file that is no YAML', {}, 'model: "x\n', ['sluice.config.yaml']],
  ])('are refused with 2 for %s', async (_, environment, config, named) => {
    const scene = await openScene();
    await writeFile(join(scene.workspace.root, 'sluice.config.yaml'), config);
    await scene.workspace.drop('a.txt');

    const { code, stdout, stderr } = await scene.once([], { environment });

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sluice: .+\n$/);
    for (const word of named) expect(stderr).toContain(word);
    expect(scene.calls()).toEqual({});
  });
});

describe('the workspace', () => {
  test('is made as ./watch where none is named, with a line that says so', async () => {
    const scene = await openScene();
    const currentFolder = scene.workspace.root;
    const args = ['--once', '--json', '--no-recipe', '--api', scene.simulator.url];

    const first = await run(args, { currentFolder });
    const second = await run(args, { currentFolder });

    const made = join(currentFolder, 'watch');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.log.map(({ msg }) => msg)).toContain(`Made the workspace ${made}.`);
    expect(second.stderr).not.toContain('Made the workspace');
    expect(first.summary).toMatchObject({ documents: 0 });
  });

  test('has its folders wherever flags say, and a subfolder of the current folder is named by its path alone', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');
    const currentFolder = scene.workspace.root;
    await mkdir(join(currentFolder, 'answers'));

    const { code } = await scene.once(['--outbox', 'answers'], { currentFolder });

    expect(code).toBe(0);
    expect(await filesIn(join(currentFolder, 'answers'))).toEqual(['a.txt.md']);
  });
});

describe('a current folder that was deleted', () => {
  /** Starts the program in a new folder that is gone by then. */
  const fromDeleted = {
    through: ['sh', '-c', 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" "$@"'],
  } as const;

  test('does not matter where the workspace is named with its whole path', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');

    const { code, summary } = await scene.once([], fromDeleted);

    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 1 });
  });

  test.each([[[]], [['--root', 'watch']]])('is named, with 2, where a path is relative to it: %j', async (args) => {
    const { code, stderr } = await run(['--once', '--api', 'simulator', ...args], fromDeleted);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^sluice: The current folder was deleted: .*\n$/);
  });
});

describe('sluice simulate', () => {
  test('prints its URL, serves a run, and ends with a signal', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt');
    const program = scene.start(['simulate', '--port', '0']);
    await new Promise((resolve) => program.child.stdout?.once('data', resolve));

    const { code } = await scene.once(['--api', program.stdout.trim()]);
    program.kill('SIGTERM');

    expect(code).toBe(0);
    expect(scene.workspace.hasResult('a.txt')).toBe(true);
    expect(await program.exited).toBe(143);
  });
});
