import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clockFinding, keyFinding } from '../../../src/cli/doctor/api.ts';
import { doctorText } from '../../../src/cli/doctor/command.ts';
import { fix, note, ok } from '../../../src/cli/doctor/finding.ts';
import { eventsFinding, folderFinding } from '../../../src/cli/doctor/folders.ts';
import { inotifyFindings } from '../../../src/cli/doctor/system.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { resolveApi } from '../../../src/llm/api.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { Workspace } from '../../support/workspace.ts';
import { settingsOf } from '../support.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await Workspace.make();
});
afterEach(() => workspace.remove());

async function doctor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const settings = { ...settingsOf(workspace.root), environment };
  const printed = text(settings.stdout);
  const code = await runProgram(['doctor', '--root', workspace.root, ...args], settings);
  settings.stdout.end();
  return { code, printed: await printed };
}

interface Told {
  readonly isWell: boolean;
  readonly findings: readonly { readonly check: string; readonly state: string; readonly found: string }[];
}

async function stateOf(check: string, args: readonly string[], environment = {}): Promise<string | undefined> {
  const told = JSON.parse((await doctor(['--json', ...args], environment)).printed) as Told;
  return told.findings.find((finding) => finding.check === check)?.state;
}

describe('sluice doctor', () => {
  test('checks everything, calls nothing, and leaves nothing behind', async () => {
    await workspace.drop('a.txt');
    await mkdir(workspace.outbox());
    const before = await readdir(workspace.root, { recursive: true });
    const simulator = await startSimulator({});
    const { code, printed } = await doctor(['--api', simulator.url], { OPENROUTER_API_KEY: 'sk-test' });
    const calls = simulator.billing();
    await simulator.close();

    expect(code).toBe(0);
    expect(printed).not.toContain('sk-test');
    expect(calls).toEqual([]);
    expect(await readdir(workspace.root, { recursive: true })).toEqual(before);
    const lines = printed.split('\n');
    expect(lines.slice(0, -3).map((line) => line.split(/ {2,}/)[1])).toEqual([
      'node',
      'sqlite',
      'workspace',
      'inbox',
      'outbox',
      'failed',
      'ledger',
      'file system',
      'disk space',
      'file events',
      ...(process.platform === 'linux' ? ['file watches'] : []),
      'api',
      'key',
      'clock',
      'model',
      'prices',
    ]);
    expect(printed).toMatch(/^ok {4}key +OPENROUTER_API_KEY is taken; it may spend \$/m);
    expect(printed).toMatch(/^ok {4}model .*1,000,000 tokens of context, answers of 64,000 at most/m);
    expect(lines.slice(-3)).toEqual(['', 'Nothing must be done.', '']);
  });

  test('ends with 2 and says what to do where something is wrong, and checks the rest', async () => {
    const simulator = await startSimulator({ plan: { account: 'refused' } });
    const wrong = ['--api', simulator.url, '--model', 'antropic/claude-sonet-4.5', '--inbox', 'none'];
    const { code, printed } = await doctor(wrong, { OPENROUTER_API_KEY: 'sk-test' });
    await simulator.close();

    expect(code).toBe(2);
    expect(printed).toContain('OPENROUTER_API_KEY is refused (HTTP 401)');
    expect(printed).toContain('-> Did you mean --model anthropic/claude-sonnet-4.5? sluice models');
    expect(printed).toContain('2 things must be done');
  });

  test.each<readonly [string, string, readonly string[]]>([
    ['api', 'fix', ['--api', 'http://127.0.0.1:9/v1', '--model', 'm']],
    ['model', 'fix', ['--api', 'ollama']],
    ['prices', 'ok', ['--api', 'simulator', '--price-prompt', '1', '--price-completion', '2']],
    ['prices', 'note', ['--api', 'simulator', '--model', 'acme/unknown']],
  ])('%s is %s with %j', async (check, state, args) => {
    expect(await stateOf(check, args)).toBe(state);
  });

  test('says so where there is no workspace', async () => {
    await rm(workspace.root, { recursive: true });
    const { code, printed } = await doctor(['--api', 'simulator']);
    expect(code).toBe(2);
    expect(printed).toContain('-> Make one with sluice init FOLDER, or name another with --root.');
  });
});

const access = { key: 'sk-1', headers: [], proxy: null };
const look = { status: 200, failure: null, dateMs: null, leftUsd: null };

test.each([
  ['openrouter', null, { ...access, key: null }, look, 'fix'],
  ['ollama', null, { ...access, key: null }, look, 'ok'],
  ['openai', 'OPENAI_API_KEY', access, look, 'ok'],
  ['openai', 'OPENAI_API_KEY', access, { ...look, status: 401 }, 'fix'],
  ['openai', 'OPENAI_API_KEY', access, { ...look, status: 500 }, 'note'],
  ['openai', 'OPENAI_API_KEY', access, { ...look, status: null, failure: 'gone' }, 'note'],
  ['openrouter', 'OPENROUTER_API_KEY', access, { ...look, leftUsd: 3 }, 'ok'],
  ['openrouter', 'OPENROUTER_API_KEY', access, { ...look, leftUsd: 0 }, 'fix'],
  ['openrouter', 'OPENROUTER_API_KEY', access, { ...look, status: 402 }, 'fix'],
])('the key for %s from %s is judged by what the API says (%#: %j)', (api, source, given, said, state) => {
  expect(keyFinding(resolveApi(api), source, given, said).state).toBe(state);
});

test('a clock is judged by that of the API', () => {
  const states = [0, -9, 60, -1000].map((seconds) => clockFinding(1e12, 1e12 + seconds * 1000)[0]);
  expect(states.map((finding) => finding?.state)).toEqual(['ok', 'ok', 'note', 'fix']);
  expect(states[3]?.found).toBe("1000 s behind the API's");
  expect(clockFinding(null, 1e12)).toEqual([]);
});

test.each([
  [1000, 128, 10, 'ok'],
  [1000, 128, 600, 'note'],
  [1000, 128, 1001, 'fix'],
  [1000, 8, 10, 'note'],
])('of %d file watches and %d watchers, %d folders need: %s', async (watches, instances, folders, state) => {
  const limits = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  await writeFile(join(limits, 'max_user_watches'), `${watches}\n`);
  await writeFile(join(limits, 'max_user_instances'), `${instances}\n`);
  expect(inotifyFindings(folders, limits).map((finding) => finding.state)).toEqual([state]);
  await rm(limits, { recursive: true });
  expect(inotifyFindings(folders, limits)).toEqual([]);
});

test('a folder that takes no file must be mended, and one that is not there yet is made by the first run', () => {
  expect(folderFinding('outbox', '/proc/self')).toMatchObject({
    state: 'fix',
    found: expect.stringContaining('/proc'),
  });
  expect(folderFinding('outbox', workspace.outbox('none'))).toMatchObject({ state: 'ok' });
  expect(folderFinding('outbox', '/proc/self/none/deeper')).toMatchObject({
    state: 'fix',
    found: expect.stringContaining('/proc/self:'),
  });
});

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('an inbox that tells of no new file is found by scans', async () => {
  expect(await eventsFinding(workspace.inbox(), 60)).toMatchObject({ state: 'ok' });
  const before = timers();
  expect(await eventsFinding('/proc/self', 60)).toMatchObject({ state: 'fix' });
  expect(timers()).toBe(before);
});

test('each line says what was found, and below it what to do', () => {
  const findings = [ok('node', 'v20'), note('file events', 'none came'), fix('key', 'none is set', 'Set one.')];
  expect(doctorText(findings)).toBe(
    'ok    node         v20\nnote  file events  none came\nfix   key          none is set\n                   -> Set one.\n\n' +
      '1 thing must be done: see the lines that begin with fix.',
  );
});
