import { expect } from '@jest/globals';
import type { Desk, Ended } from './desk.ts';
import { until } from './until.ts';

/** What a command of a page does, beside ending with 0. */
interface Way {
  /** @default 0 */
  readonly code?: number | null;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
  /** What a reader did before. */
  readonly before?: (desk: Desk) => unknown;
  /** What a reader sees while it runs, who then presses Ctrl-C. */
  readonly meanwhile?: (desk: Desk) => Promise<void>;
  /** @default as it stands on the page */
  readonly as?: string;
  readonly after?: (desk: Desk, ended: Ended) => unknown;
}

type Ways = Readonly<Record<string, Way>>;

export const dropsReport = (desk: Desk): void => desk.write('papers/inbox/report.md', 'The year was good.');
const hasAnswer = (desk: Desk): void => expect(desk.read('papers/outbox/report.md.md')).toContain('The year was good.');
const answersNew = async (desk: Desk): Promise<void> => {
  await until('it has the workspace', () => desk.has('papers/.sluice/ledger.db'));
  desk.write('papers/inbox/late.md', 'The month was good.');
  await until('the result is there', () => desk.has('papers/outbox/late.md.md'));
};
const daemon: Way = { code: 130, stdout: /answered/, meanwhile: answersNew };
/** The demo builds nothing twice, shows an answer again where it is asked to, and prints commands that work. */
const showsAgain = async (desk: Desk): Promise<void> => {
  const built = desk.writtenMs('dist/sluice.js');
  const { code, stdout } = await desk.run('npm run demo');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('11 skipped') });
  expect(desk.writtenMs('dist/sluice.js')).toBe(built);
  const printed = [...stdout.matchAll(/^ {2}(node .*)$/gm)].map(([, line = '']) => line);
  expect(printed).toHaveLength(2);
  const [, again = ''] = /To see it again: (.*)$/m.exec(stdout) ?? [];
  for (const ended of await Promise.all([...printed, again].map((line) => desk.run(line)))) expect(ended.code).toBe(0);
};
const servesModels = async (desk: Desk, file: string): Promise<void> => {
  await until('it says where it is', () => desk.has(file) && desk.read(file).endsWith('\n'));
  const models = await fetch(`${desk.read(file).trim()}/models`, { headers: { authorization: 'Bearer of-a-test' } });
  expect(models.status).toBe(200);
};

/**
 * How the commands of each page are tried, in their order, on a desk with some documents; `papers` was worked off there but for
 * pages that make it. They are led to a simulator by SLUICE_API.
 */
export const WAYS: Readonly<Record<string, Ways>> = {
  'README.md': {
    'npm run demo': { stdout: /11 answered/, stderr: /The answers come from a simulator/, after: showsAgain },
    'sluice ask "List three facts." report.pdf': { stdout: /^- /m },
    'sluice init papers': { stdout: /sluice --once --root papers/ },
    'sluice run --root papers': { before: dropsReport, stdout: /1 answered/, after: hasAnswer },
    'sluice --root papers -p "Summarize in five lines."': daemon,
  },
  'docs/ask.md': {
    'sluice ask "List three facts." report.pdf': { stdout: /^- /m },
    'sluice ask "Translate into English." report.md letters/': { stdout: /==> letters\/two\.txt <==/ },
    'cat report.md | sluice ask "Who wrote this?"': { stdout: /simulator/ },
    'sluice ask -r prompt.md report.md letters/': { stdout: /==> report\.md <==/ },
    'sluice ask "Translate into English." letters/ --out answers --max-cost 1': {
      after: (desk) => expect(desk.has('answers/two.txt.md')).toBe(true),
    },
  },
  'docs/first-run.md': {
    'sluice init papers': { stdout: /at most \$2\.00/ },
    'cp report.md papers/inbox/.report.md && mv papers/inbox/.report.md papers/inbox/report.md': {
      after: (desk) => expect(desk.read('papers/inbox/report.md')).toContain('The year was good.'),
    },
    'sluice run --root papers --test --api simulator': {
      stdout: /1 answered/,
      after: (desk) => expect(desk.has('papers/outbox-test/report.md.md')).toBe(true),
    },
    'sluice plan --root papers': { stdout: /^1 document: 1 would be asked/ },
    'sluice render report.md --root papers': {
      after: (_, { stdout }) => expect(JSON.parse(stdout)).toHaveProperty('messages'),
    },
    'sluice doctor --root papers': { stdout: /^ok +file events/m },
    'sluice run --root papers': { stdout: /1 answered/, after: hasAnswer },
    'sluice --root papers': daemon,
    "sluice run --root papers --include '*.md' --exclude 'drafts/**' --limit 20": {
      before: (desk) => desk.write('papers/inbox/drafts/one.md', 'Not yet.'),
      stdout: /left out by --include or --exclude \(1\)/,
    },
    'sluice init papers-small': {},
    'sluice run --root papers-small --inbox papers/inbox -m openai/gpt-5-mini': {
      stdout: /3 answered/,
      after: (desk) => expect(desk.has('papers-small/outbox/report.md.md')).toBe(true),
    },
  },
  'docs/recipes.md': {
    'sluice run --root papers -p "Summarize in five lines."': { code: 3, stdout: /made with another recipe/ },
    'sluice run --root papers -r prompt.md': { code: 3, stdout: /1 skipped/ },
  },
  'docs/screen.md': {
    'sluice run --root papers --log-file run.log': {
      code: 3,
      after: (desk) => expect(desk.read('run.log')).toContain('"event":"scan-finished"'),
    },
    'sluice run --root papers --quiet': {
      code: 3,
      after: (_, { stderr }) => expect(stderr).not.toContain('scan-finished'),
    },
  },
  'docs/results.md': {
    'sluice show report.md --root papers': {
      // A copied document has another inode: until it is read again, its bytes may have changed.
      before: (desk) => desk.run('sluice run --root papers'),
      stdout: /The year was good[^]*Cost: /,
    },
    'sluice show report.md --root papers --history': { stdout: /Attempts:/ },
    'sluice status --root papers': { stdout: /^2 documents: 1 done, 1 failed/ },
    'sluice status --root papers --failed': { stdout: /q1\/empty\.txt/ },
    'sluice retry --root papers': { stdout: /1 failed/ },
    "sluice retry 'q1/**' --root papers": { stdout: /document/ },
    'sluice run --root papers --redo stale': { code: 3, stdout: /1 skipped/ },
    'sluice run --root papers --redo all': { code: 3, stdout: /1 answered/ },
    'sluice export --root papers > results.csv': {
      after: (desk) => expect(desk.read('results.csv')).toMatch(/^document,answer,.*\r\nreport\.md,/),
    },
    'sluice export --root papers --columns document,answer,costUsd': { stdout: /^document,answer,costUsd\r\n/ },
    'sluice export --root papers --format jsonl --output results.jsonl': {
      after: (desk) => expect(JSON.parse(desk.read('results.jsonl'))).toMatchObject({ document: 'report.md' }),
    },
  },
  'docs/daemon.md': {
    'sluice --root papers --max-cost 10': daemon,
    'OPENROUTER_API_KEY=... npm start': {
      // npm ends by the signal itself.
      code: null,
      meanwhile: async (desk) => {
        await until('the daemon has its workspace', () => desk.has('watch/.sluice'));
        desk.write('watch/inbox/report.md', 'The year was good.');
        await until('the result is there', () => desk.has('watch/outbox/report.md.md'));
      },
    },
    'sluice run --root papers --json > summary.json': {
      code: 3,
      after: (desk) =>
        expect(JSON.parse(desk.read('summary.json'))).toMatchObject({ documents: 3, skipped: 2, failed: 1 }),
    },
  },
  'docs/money.md': {
    'sluice plan --root papers': {
      stdout: /1 would be asked/,
      before: (desk) => desk.write('papers/inbox/new.md', 'It rained.'),
    },
    'sluice plan --root papers --price-prompt 3 --price-completion 15': {
      stdout: /\$3\.00 and \$15\.00 a million tokens/,
    },
    'sluice plan --root papers --pilot 8': { stdout: /Pilot: 1 of 1 documents? was answered/ },
    'sluice run --root papers --max-cost 5': { code: 3, stdout: /1 failed, 2 skipped/ },
  },
  'docs/limits.md': {
    'sluice run --root papers -j auto': { code: 3 },
    'sluice run --root papers --rpm 300 --tpm 200000': {
      code: 3,
      stderr: /at most 300 calls and 200,000 tokens a minute/,
    },
  },
  'docs/options.md': {
    'sluice --help': { stdout: /--max-cost/ },
    'sluice help run': { stdout: /--concurrency-max/ },
    'sluice completion bash': { stdout: /_sluice/ },
  },
  'docs/doctor.md': {
    'sluice check --root papers': { stdout: /default\.prompt/ },
    'sluice config --root papers': { stdout: /^max-cost +2 .*sluice\.config\.yaml/m },
    'sluice doctor --root papers': { stdout: /Nothing must be done/ },
    'sluice models --search sonnet': { stdout: /anthropic\/claude-sonnet-4\.5/ },
  },
  'docs/apis.md': {
    'sluice run --root papers --api simulator --model openai/gpt-5-mini': { code: 2, stderr: /simulator/ },
    'sluice models --api simulator': { stdout: /prompt/ },
  },
  'docs/simulator.md': {
    'sluice simulate --port 4010 --latency 0.1-0.3': {
      // On a free port: the one that stands there may be taken.
      as: 'sluice simulate --port 0 --latency 0.1-0.3 > openrouter',
      code: 130,
      meanwhile: (desk) => servesModels(desk, 'openrouter'),
    },
    'sluice simulate --port 4010 --as gemini': {
      as: 'sluice simulate --port 0 --as gemini > gemini',
      code: 130,
      meanwhile: (desk) => servesModels(desk, 'gemini'),
    },
  },
};

/** Blocks of `bash` are not run here. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  'npm install --global .': 'test/e2e/package.test.ts installs the package, into a folder of its own',
  'sluice --help': 'follows the installation; docs/options.md has it too',
  'npm run fidelity -- FOLDER': 'takes all files of a folder; test/e2e/corpus.test.ts has what it does',
  'node --import ./tools/typescript.mjs bench/pace/main.mjs': 'takes minutes',
  'npm run bench': 'takes an hour',
  'npm run bench -- --quick': 'takes minutes',
  'npm run bench -- overhead peers': 'takes minutes',
  'npm run bench -- --scale 0.1': 'takes minutes',
  'npm run bench -- --program DIR/main.js': 'takes an hour',
  'npm run bench -- overhead --results DIR': 'takes minutes',
  'mkdir ~/promptfoo && cd ~/promptfoo && npm init -y && npm install promptfoo': 'installs 500 MB',
  'pip install aiohttp': 'installs a package of another language',
  'npm run bench -- peers --promptfoo ~/promptfoo --python ~/venv/bin/python': 'takes minutes',
};
