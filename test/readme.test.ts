import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { optionTableMarkdown } from '../src/cli/options/table.ts';
import { PRESETS, type Preset } from '../src/llm/presets.ts';
import { setTheStage } from './e2e/stage.ts';
import { until } from './support/until.ts';

jest.setTimeout(60_000);

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const stage = setTheStage();

const blocks = Array.from(readme.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language = '', inside = '']) => ({
  language,
  inside,
}));
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ inside }) => inside.split('\n').filter((line) => line !== ''));

/** What the commands of npm need, which may build anew. */
const REPOSITORY_COPIED = ['dist', 'examples', 'src', 'tools', 'watch', 'package.json', 'package-lock.json'].concat([
  'README.md',
  'tsconfig.json',
  'tsconfig.build.json',
]);

/** The others only run what is built. */
const WORKSPACE_COPIED = ['watch'];

/** What runs may have left in the repository. */
const LEFT_BY_RUNS = /\.sluice|-test$|^examples\/quickstart\/(?:outbox|failed)$|^watch\/\w+\/(?!\.gitkeep|default\.md)/;

function isOfRepository(source: string): boolean {
  return !LEFT_BY_RUNS.test(source.slice(REPOSITORY.length));
}

/** Where a reader of the README sits: a copy of the repository, and a shell in it. */
class Desk {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Packages, and a program that is not to be built, are not copied but linked: nothing is installed, and it is quick. */
  static async set(environment: Readonly<Record<string, string>> = {}, copied = REPOSITORY_COPIED): Promise<Desk> {
    const folder = await stage.folder();
    for (const name of copied)
      cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true, filter: isOfRepository });
    for (const name of ['dist', 'node_modules'].filter((linked) => !copied.includes(linked)))
      await symlink(join(REPOSITORY, name), join(folder, name));
    const { PATH = '', HOME = '' } = process.env;
    return new Desk(folder, { PATH, HOME, ...environment });
  }

  /** Runs the command as it stands in the README; `meanwhile`, where given, is waited for, and then Ctrl-C is pressed. */
  async run(command: string, meanwhile?: () => Promise<void>) {
    const child = spawn('bash', ['-c', command], { cwd: this.#folder, env: this.#environment, detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error('there is no bash');
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const closed = once(child, 'close');
    try {
      await meanwhile?.();
    } finally {
      if (meanwhile !== undefined) process.kill(-pid, 'SIGINT');
    }
    const [code] = (await closed) as [number | null];
    return { code, ...said };
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(join(this.#folder, path), text);
  }

  remove(path: string): Promise<void> {
    return rm(join(this.#folder, path), { recursive: true });
  }

  has(path: string): boolean {
    return existsSync(join(this.#folder, path));
  }

  read(path: string): Promise<string> {
    return readFile(join(this.#folder, path), 'utf8');
  }

  writtenMs(path: string): number {
    return statSync(join(this.#folder, path)).mtimeMs;
  }
}

type Way = (desk: Desk, command: string) => Promise<void>;

const ONCE = 'node dist/main.js --once';
const DOCUMENT = 'watch/inbox/report.md';
const RESULT = 'watch/outbox/report.md.md';
const FAILURE = 'watch/failed/report.md.error.json';

/** An empty document fails without being sent. */
async function failOne(desk: Desk): Promise<void> {
  await desk.write(DOCUMENT, '');
  expect(await desk.run(ONCE)).toMatchObject({ code: 3 });
}

const answersOnce: Way = async (desk, command) => {
  await desk.write('prompt.md', 'Say what this is about.');
  await desk.write(DOCUMENT, 'The year was good.');
  expect(await desk.run(command)).toMatchObject({ code: 0 });
};

/** On a free port: the one that stands there may be taken. */
const simulates: Way = async (desk, command) => {
  const ended = await desk.run(`${command.replace('4010', '0')} > address`, async () => {
    await until('it says where it is', async () => desk.has('address') && (await desk.read('address')).endsWith('\n'));
    const headers = { authorization: 'Bearer of-a-test' };
    const models = await fetch(`${(await desk.read('address')).trim()}/models`, { headers });
    expect(models.status).toBe(200);
  });
  expect(ended.stderr).toBe('');
};

const answersAsDaemon: Way = async (desk, command) => {
  await desk.write('prompt.md', 'Say what this is about.');
  await desk.run(command, async () => {
    await until('the daemon made its folders', () => desk.has('watch/.sluice'));
    await desk.write(DOCUMENT, 'The year was good.');
    await until('the result is there', () => desk.has(RESULT));
  });
  expect(await desk.read(RESULT)).toContain('The year was good.');
};

/** How each command of the README is tried. `SLUICE_API` leads those that name no API to a simulator of the test. */
const WAYS: Readonly<Record<string, Way>> = {
  'npm run demo': async (desk, command) => {
    const first = await desk.run(command);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('11 answered') });
    expect(first.stderr).toContain('The answers come from a simulator');
    const built = desk.writtenMs('dist/sluice.js');
    const second = await desk.run(command);
    expect(desk.writtenMs('dist/sluice.js')).toBe(built);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('11 skipped') });
    // What it prints works as it is printed.
    const printed = [...second.stdout.matchAll(/^ {2}(node .*)$/gm)].map(([, line = '']) => line);
    expect(printed).toHaveLength(2);
    for (const line of printed) expect(await desk.run(line)).toMatchObject({ code: 0 });
    const [, again = ''] = /To see it again: (.*)$/m.exec(second.stdout) ?? [];
    expect(await desk.run(again)).toMatchObject({ code: 0, stdout: expect.stringContaining('11 answered') });
  },
  // It is what runs this very test: running it here would never end.
  'npm test': async (desk) => {
    expect(JSON.parse(await desk.read('package.json'))).toHaveProperty(
      'scripts.test',
      expect.stringMatching(/npm run --silent jest$/),
    );
  },
  'OPENROUTER_API_KEY=... npm start': answersAsDaemon,
  'npm run build': async (desk, command) => {
    await desk.remove('dist/sluice.js');
    const { code, stderr } = await desk.run('node dist/main.js --version');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Not built yet.') });
    expect(await desk.run(command)).toMatchObject({ code: 0 });
    expect(await desk.run('node dist/main.js --version')).toMatchObject({ code: 0 });
  },
  'node dist/main.js --help': async (desk, command) => {
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringContaining('--concurrency') });
  },
  'node dist/main.js init invoices --recipe extract': async (desk, command) => {
    expect(await desk.run(command)).toMatchObject({ code: 0 });
    await desk.write('invoices/inbox/invoice.txt', 'Invoice 7: bread, 2.50 EUR.');
    expect(await desk.run(`${ONCE} --root invoices`)).toMatchObject({ code: 0 });
    expect(JSON.parse(await desk.read('invoices/outbox/invoice.txt.json'))).toBeInstanceOf(Object);
  },
  'node dist/main.js render report.md': async (desk, command) => {
    await desk.write(DOCUMENT, 'The year was good.');
    const { code, stdout } = await desk.run(command);
    expect(code).toBe(0);
    const asked = { messages: [{ role: 'system' }, { role: 'user', content: 'The year was good.' }] };
    expect(JSON.parse(stdout)).toMatchObject(asked);
    expect(desk.has(RESULT)).toBe(false);
  },
  'node dist/main.js --test --recipe prompt.md': async (desk, command) => {
    await answersOnce(desk, command);
    expect(desk.has('watch/outbox-test/report.md.md')).toBe(true);
    expect(desk.has(RESULT)).toBe(false);
  },
  'node dist/main.js --once --recipe prompt.md': async (desk, command) => {
    await answersOnce(desk, command);
    expect(await desk.read(RESULT)).toContain('The year was good.');
  },
  'node dist/main.js --recipe prompt.md': answersAsDaemon,
  'cp report.md watch/inbox/.report.md && mv watch/inbox/.report.md watch/inbox/report.md': async (desk, command) => {
    await desk.write('report.md', 'The year was good.');
    expect(await desk.run(command)).toMatchObject({ code: 0 });
    expect(await desk.read(DOCUMENT)).toBe('The year was good.');
  },
  'cat watch/outbox/report.md.md': async (desk, command) => {
    await answersOnce(desk, ONCE);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringContaining('The year was good.') });
  },
  'grep -rh \'"reason"\' watch/failed': async (desk, command) => {
    await failOne(desk);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringMatching(/"reason": ".*empty/) });
  },
  'rm watch/failed/report.md.error.json': async (desk, command) => {
    await failOne(desk);
    expect(await desk.run(command)).toMatchObject({ code: 0 });
    expect(await desk.run(ONCE)).toMatchObject({ code: 3 });
    expect(desk.has(FAILURE)).toBe(true);
  },
  'node dist/main.js status': async (desk, command) => {
    await answersOnce(desk, ONCE);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1 document: 1 done/) });
  },
  'node dist/main.js show report.md': async (desk, command) => {
    await answersOnce(desk, ONCE);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringMatching(/Receipt:/) });
  },
  "node dist/main.js retry 'q1/**'": async (desk, command) => {
    await desk.run('mkdir -p watch/inbox/q1');
    await desk.write('watch/inbox/q1/report.md', '');
    expect(await desk.run(ONCE)).toMatchObject({ code: 3 });
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: expect.stringContaining('1 failed') });
    expect(desk.has('watch/failed/q1/report.md.error.json')).toBe(false);
  },
  'node dist/main.js export --format csv > results.csv': async (desk, command) => {
    await answersOnce(desk, ONCE);
    expect(await desk.run(command)).toMatchObject({ code: 0 });
    expect(await desk.read('results.csv')).toMatch(/^document,answer,.*\r\nreport\.md,.*The year was good/s);
  },
  'node dist/main.js --once --json > summary.json': async (desk, command) => {
    await answersOnce(desk, command);
    expect(JSON.parse(await desk.read('summary.json'))).toMatchObject({ documents: 1, succeeded: 1 });
  },
  'node dist/main.js simulate --port 4010 --latency 0.1-0.3': simulates,
  'node dist/main.js simulate --port 4010 --as gemini': simulates,
  'node dist/main.js --once --concurrency auto': answersOnce,
  'node dist/main.js --once --rpm 300 --tpm 200000': async (desk, command) => {
    await desk.write(DOCUMENT, 'The year was good.');
    const said = expect.stringContaining('at most 300 calls and 200,000 tokens a minute');
    expect(await desk.run(command)).toMatchObject({ code: 0, stderr: said });
  },
  'node dist/main.js --once --max-cost 5': async (desk, command) => {
    await desk.write(DOCUMENT, 'The year was good.');
    const said = expect.stringMatching(/A budget of \$5\.00 allows \d calls at once/);
    expect(await desk.run(command)).toMatchObject({ code: 0, stderr: said });
  },
  'node dist/main.js plan': async (desk, command) => {
    await desk.write(DOCUMENT, 'The year was good.');
    expect(await desk.run(command)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 document: 1 would be/),
    });
    expect(desk.has(RESULT)).toBe(false);
  },
  'node dist/main.js plan --price-prompt 3 --price-completion 15': async (desk, command) => {
    await desk.write(DOCUMENT, 'The year was good.');
    const told = expect.stringMatching(/^Cost: .*\$3\.00 and \$15\.00 a million tokens/m);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: told });
  },
  'node dist/main.js plan --pilot 8': async (desk, command) => {
    for (const index of Array(9).keys()) await desk.write(`watch/inbox/${index}.md`, 'It was good. '.repeat(index + 1));
    const told = expect.stringMatching(/^9 documents: 1 would be asked .*, 8 skipped/m);
    expect(await desk.run(command)).toMatchObject({ code: 0, stdout: told });
  },
};

test('every command of the README is tried below, and no other', () => {
  expect(Object.keys(WAYS)).toEqual([...new Set(commands)]);
});

test.each(Object.entries(WAYS))('%s', async (command, way) => {
  const { url } = await stage.simulator();
  const copied = command.includes('npm ') ? REPOSITORY_COPIED : WORKSPACE_COPIED;
  const desk = await Desk.set({ SLUICE_API: url, SLUICE_SETTLE: '0.1' }, copied);
  await expect(way(desk, command)).resolves.toBeUndefined();
});

test('without a key, npm start says what to do', async () => {
  const desk = await Desk.set();
  const ended = await desk.run('npm start');
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/No API key.* set OPENROUTER_API_KEY.* --api simulator .* --api ollama/);
});

test('no block is written in a language in which commands would not be found', () => {
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['sh', 'text']));
});

/** What a preset can do, as the README tells it. */
function apiRow({ name, keyVariables, inputs, routes, jsonSchema, jsonObject, maxTokens }: Preset): string {
  const json = jsonSchema ? 'schema' : jsonObject ? 'object' : 'words';
  const pdfs = routes ? 'read' : inputs?.includes('file') === true ? 'files' : 'text';
  const may = (input: 'image' | 'audio') => (inputs === null || inputs.includes(input) ? 'yes' : 'no');
  const keys = keyVariables.map((variable) => `\`${variable}\``).join(' or ');
  const cells = [`\`${name}\``, keys || 'none needed', json, pdfs, may('image'), may('audio'), String(maxTokens)];
  return `| ${cells.join(' | ')} |`;
}

test('the table of APIs is that of the presets', () => {
  const head = '| `--api` | key | JSON | PDFs | images | sound | answer |\n|---|---|---|---|---|---|---|\n';
  expect(readme).toContain(`<!-- apis -->\n${head}${PRESETS.map(apiRow).join('\n')}\n<!-- /apis -->`);
});

test('the table of options is the one of the option table', async () => {
  const options = await readFile(join(REPOSITORY, 'docs/options.md'), 'utf8');
  expect(options).toContain(`<!-- options -->\n${optionTableMarkdown()}\n<!-- /options -->`);
});

test('the exit codes are those of --help', async () => {
  const help = (await stage.run(['help', 'all'])).stdout;
  const told = help.slice(help.indexOf('Exit codes of --once:')).matchAll(/^  (\d[\d, ]*?) {2,}(.*)$/gm);
  const rows = Array.from(readme.matchAll(/^\| (\d[\d, ]*) \| (.*) \|$/gm), ([, codes, words]) => `${codes} ${words}`);
  expect(rows).toEqual(Array.from(told, ([, codes, words]) => `${codes} ${words}`));
});

test('the layout names the folders and files of src', () => {
  const layout = blocks.find(({ inside }) => inside.startsWith('src/\n'))?.inside ?? '';
  const named = Array.from(layout.matchAll(/^ {2}(\S+)/gm), ([, name]) => name);
  const there = readdirSync(join(REPOSITORY, 'src'), { withFileTypes: true });
  expect(new Set(named)).toEqual(new Set(there.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))));
});

test('the files that it points to are there', () => {
  const targets = Array.from(readme.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target);
  expect(targets).not.toEqual([]);
  expect(targets.filter((target) => !existsSync(join(REPOSITORY, target)))).toEqual([]);
});
