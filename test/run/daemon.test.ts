import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, Subject } from 'rxjs';
// Loaded beforehand: jest cannot load chokidar twice at once, as a daemon does for its inbox and its recipes.
// oxlint-disable-next-line import/no-unassigned-import
import '../../src/inbox/folder-watches.ts';
import { lockWorkspace } from '../../src/ledger/lock.ts';
import { watch } from '../../src/library/run.ts';
import type { Prepared } from '../../src/run/prepare.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { GOOD_STREAM, serve } from '../llm/support.ts';
import { until } from '../support/until.ts';
import { Workspace } from '../support/workspace.ts';
import { preparedIn, processContext, runDaemon } from './support.ts';

/** No scan but the first, unless something asks for one. */
const SELDOM = { rescan: '3600' };

const MODELS = JSON.stringify({
  data: [{ id: 'openai/gpt-5', pricing: { prompt: '0.000001', completion: '0.000008' } }],
});

/** Of the stack of whoever calls it. */
function depth(): number {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const { stack = '' } = new Error('to see the stack');
  Error.stackTraceLimit = before;
  return stack.split('\n').length;
}

describe('a daemon, with the simulator in the same process', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
    await workspace.drop('a.txt');
  });
  afterEach(() => workspace.remove());

  const answered = (id: string) => until(`${id} has a result`, () => workspace.hasResult(id));

  /** A daemon that reads the configuration again by `again`. */
  async function daemon(again: () => Promise<Prepared>, flags = {}) {
    const context = processContext();
    const exitCode = runDaemon(await preparedIn(workspace, { json: true, ...flags }), again, context);
    await answered('a.txt');
    const { signals, printed } = context;
    return { exitCode, signals, printed };
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with a clean summary on %s, and resolves to %d', async (signal, code) => {
    const { exitCode, signals, printed } = await daemon(() => preparedIn(workspace));
    signals.next(signal);

    expect(await exitCode).toBe(code);
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 1, succeeded: 1, stopped: 'signal' });
  });

  test('stops when --max-duration is over, counted from its start also after a change of configuration', async () => {
    const changed = { 'max-duration': '0.1', model: 'openai/gpt-5' };
    const { exitCode, signals, printed } = await daemon(() => preparedIn(workspace, { json: true, ...changed }), {
      'max-duration': '600',
    });
    signals.next('SIGHUP');

    expect(await exitCode).toBe(7);
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 1, succeeded: 1, stopped: 'duration' });
  });

  test('goes on with a changed configuration, knows what was done, and tells of it once', async () => {
    const { exitCode, signals, printed } = await daemon(() => preparedIn(workspace, { model: 'openai/gpt-5' }));
    signals.next('SIGHUP');
    await workspace.drop('b.txt');
    await answered('b.txt');
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    expect(printed.stderr).toContain('SIGHUP: the configuration changed');
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 2, succeeded: 2, skipped: 0, attempts: 2 });
  });

  test('an event passes no more functions after many changes of the configuration than before', async () => {
    const context = processContext();
    let changes = 0;
    const prepareAgain = () => preparedIn(workspace, { retries: String((changes += 1)) });
    const running = watch({ prepared: await preparedIn(workspace, { retries: '0' }), context, prepareAgain });
    const depths: number[] = [];
    running.events.subscribe(({ type }) => {
      if (type === 'run-started') depths.push(depth());
    });
    try {
      for (let sessions = 1; sessions <= 6; sessions += 1) {
        await until('the session began', () => depths.length === sessions);
        context.signals.next('SIGHUP');
      }
      await until('the last one began', () => depths.length === 7);
    } finally {
      await running.stop({ force: true });
    }
    expect(depths.at(-1)).toBe(depths[1]);
  });

  test('keeps its workspace from one configuration to the next, and tells others of that', async () => {
    const holder = () => readFile(join(workspace.root, '.sluice', 'holder.json'), 'utf8');
    const { exitCode, signals } = await daemon(() => preparedIn(workspace, { model: 'openai/gpt-5' }));
    const before = JSON.parse(await holder()) as { readonly options: object };
    signals.next('SIGHUP');
    await workspace.drop('b.txt');
    await answered('b.txt');
    const options = { ...before.options, model: 'openai/gpt-5' };
    expect(JSON.parse(await holder())).toEqual({ ...before, options });
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    await expect(holder()).rejects.toThrow('ENOENT');
  });

  test('asks nothing more once its memory is deleted, and leaves alone what another process puts there', async () => {
    const memory = join(workspace.root, '.sluice');
    const { exitCode, signals, printed } = await daemon(() => preparedIn(workspace), { grace: '0.1' });
    await rm(memory, { recursive: true });
    const next = await lockWorkspace(memory, { commandLine: ['another'] });
    await workspace.drop('b.txt');
    await until('it says so', () => printed.stderr.includes('is gone or another one lies there: stop this process'));
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    expect(JSON.parse(printed.stdout)).toMatchObject({ attempts: 1 });
    expect(existsSync(join(memory, 'holder.json'))).toBe(true);
    await next.release();
  });

  test('goes on as before if the new configuration is wrong', async () => {
    const { exitCode, signals, printed } = await daemon(() => Promise.reject(new Error('a bad value')));
    signals.next('SIGHUP');
    await workspace.drop('b.txt');
    await answered('b.txt');
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    expect(printed.stderr).toContain('the new configuration is not used: a bad value');
  });

  test('goes back to the configuration that it had if it cannot begin with the new one', async () => {
    const { exitCode, signals, printed } = await daemon(() => preparedIn(workspace, { 'max-cost': '0.01' }));
    signals.next('SIGHUP');
    await workspace.drop('b.txt');
    await answered('b.txt');
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    expect(printed.stderr).toMatch(/the new configuration is not used: A budget of \$0\.0100 .* not even one call/);
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 2, succeeded: 2, attempts: 2 });
  });

  test('goes on with the prices that it knows if they cannot be had for a new configuration', async () => {
    let listed = 0;
    const api = await serve(({ url }, response) => {
      if (url !== '/models') response.end(GOOD_STREAM);
      else {
        // The first one asks whether it is a simulator.
        listed += 1;
        response.writeHead(listed <= 2 ? 200 : 503).end(MODELS);
      }
    });
    const flags = { api: api.url, 'no-recipe': true, model: 'openai/gpt-5', 'max-cost': '1', 'max-tokens': '200' };
    const { exitCode, signals, printed } = await daemon(
      () => preparedIn(workspace, { ...flags, 'max-cost': '2' }),
      flags,
    );
    signals.next('SIGHUP');
    await workspace.drop('b.txt');
    await answered('b.txt');
    signals.next('SIGTERM');

    const code = await exitCode;
    await api.close();
    expect(code).toBe(143);
    expect(listed).toBeGreaterThan(2);
    expect(printed.stderr).toMatch(/SIGHUP: the configuration changed[^]*A budget of \$2\.00 a day/);
    expect(printed.stderr).not.toContain('is not used');
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 2, succeeded: 2, budgetUsd: 2 });
  });

  test('takes a new key when the one it has is refused, and goes on by itself', async () => {
    const asked: (string | undefined)[] = [];
    const api = await serve(({ method, headers }, response) => {
      if (method === 'POST') asked.push(headers.authorization);
      if (headers.authorization === 'Bearer new-key') response.end(GOOD_STREAM);
      else response.writeHead(401).end();
    });
    const flags = { api: api.url, 'no-recipe': true, model: 'openai/gpt-5', 'look-again': '0.1' };
    const withKey = async (key: string): Promise<Prepared> => ({
      ...(await preparedIn(workspace, { json: true, ...flags })),
      access: { key, headers: [], proxy: null },
    });
    const context = processContext();
    const exitCode = runDaemon(await withKey('old-key'), () => withKey('new-key'), context);
    await answered('a.txt');
    context.signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    await api.close();
    expect(asked).toEqual(['Bearer old-key', 'Bearer new-key']);
    expect(context.printed.stderr).toContain('there is another key');
    expect(JSON.parse(context.printed.stdout)).toMatchObject({ documents: 1, succeeded: 1 });
  });

  test('asks at once when the recipe of all documents is back, without waiting for a scan', async () => {
    const recipe = join(workspace.root, 'prompt.md');
    await writeFile(recipe, 'Summarize.');
    const { exitCode, signals, printed } = await daemon(() => Promise.reject(new Error('none')), { recipe, ...SELDOM });
    await rename(recipe, `${recipe}.away`);
    await workspace.drop('b.txt');
    await until('it is missed', () => /prompt\.md does not exist\. Its documents are pending/.test(printed.stderr));
    await rename(`${recipe}.away`, recipe);
    await answered('b.txt');
    signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
  });

  test('waits for a recipe where there is none, sends nothing, and asks when one comes', async () => {
    const simulator = await startSimulator({});
    const context = processContext();
    const prepared = await preparedIn(workspace, { json: true, api: simulator.url, ...SELDOM });
    const exitCode = runDaemon(prepared, () => Promise.reject(new Error('none')), context);
    await until('it says so', () => context.printed.stderr.includes('a.txt is not sent. No recipe says what to ask.'));
    expect(simulator.billing()).toEqual([]);
    await mkdir(join(workspace.root, 'recipes'));
    await writeFile(join(workspace.root, 'recipes', 'default.md'), 'Summarize.');
    await answered('a.txt');
    context.signals.next('SIGTERM');

    expect(await exitCode).toBe(143);
    await simulator.close();
    expect(JSON.parse(context.printed.stdout)).toMatchObject({ documents: 1, succeeded: 1, awaitingRecipe: 0 });
  });

  test('is stopped by a signal that comes while the configuration is read, and begins nothing new', async () => {
    const read = new Subject<Prepared>();
    const { exitCode, signals, printed } = await daemon(() => firstValueFrom(read));
    signals.next('SIGHUP');
    signals.next('SIGTERM');
    read.next(await preparedIn(workspace, { model: 'openai/gpt-5' }));

    expect(await exitCode).toBe(143);
    expect(JSON.parse(printed.stdout)).toMatchObject({ documents: 1, attempts: 1, stopped: 'signal' });
  });
});
