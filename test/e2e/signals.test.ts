import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { LogLine, Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { askedOnce, filesIn, type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const openScene = scenes();

const IDS = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt'];

async function dropAll({ workspace }: Scene): Promise<void> {
  for (const id of IDS) await workspace.drop(id);
}

/** Resolves when as many calls are in flight as may be. */
async function busy(program: Program, calls: number): Promise<void> {
  await until(`${calls} calls are in flight`, () => lines(program, 'attempt-started').length >= calls);
}

function lines(program: Program, event: string): readonly LogLine[] {
  return program.log.filter((line) => line['event'] === event);
}

function answered(daemon: Program, id: string): Promise<LogLine> {
  return daemon.logged('document-succeeded', ({ document }) => document === id);
}

function noted(daemon: Program, what: RegExp): Promise<LogLine> {
  return daemon.logged('run-noted', ({ msg }) => what.test(String(msg)));
}

/** Resolves when the session that follows a change of configuration has looked at the inbox. */
async function reloaded(daemon: Program): Promise<void> {
  const firstLooks = () => lines(daemon, 'scan-finished').filter(({ initial }) => initial === true).length;
  await until('a session began anew', () => firstLooks() === 2);
}

async function models(scene: Scene): Promise<readonly string[]> {
  return (await scene.requests()).map(({ model }) => model);
}

/** A daemon that has answered one document, and finds others by events or signals alone. */
async function watchWithConfig(config: string): Promise<{ scene: Scene; daemon: Program; configFile: string }> {
  const scene = await openScene();
  const configFile = join(scene.workspace.root, 'sluice.config.yaml');
  await writeFile(configFile, config);
  await scene.workspace.drop('before.txt', 'It was before.');
  const daemon = await scene.watch(['--rescan', '3600']);
  await answered(daemon, 'before.txt');
  return { scene, daemon, configFile };
}

describe('the first signal', () => {
  test.each([
    ['SIGINT', 130, 'a run', true],
    ['SIGTERM', 143, 'a run', true],
    ['SIGINT', 130, 'the daemon', false],
    ['SIGTERM', 143, 'the daemon', false],
  ] as const)('%s ends with %d: %s starts no call, and files what is in flight', async (signal, code, _, once) => {
    const scene = await openScene({ latency: 1 });
    await dropAll(scene);
    const args = ['--json', '--concurrency', '2', '--log-level', 'debug', ...(once ? ['--once'] : [])];
    const program = scene.start([...scene.flags, ...args]);
    await program.logged('scan-finished');
    await busy(program, 2);
    program.kill(signal);

    expect(await program.exited).toBe(code);
    const events = program.log.map(({ event }) => event);
    const started = lines(program, 'attempt-started').map(({ document }) => String(document));
    expect(events.slice(events.indexOf('run-stopping'))).not.toContain('attempt-started');
    expect(
      lines(program, 'document-succeeded')
        .map(({ document }) => String(document))
        .toSorted(),
    ).toEqual(started.toSorted());
    expect(scene.calls()).toEqual(askedOnce(...started.map((id) => `This is ${id}. It says something.`)));
    expect(await filesIn(scene.workspace.outbox())).toHaveLength(started.length);
    expect(program.summary).toMatchObject({
      documents: IDS.length,
      succeeded: started.length,
      pending: IDS.length - started.length,
      inDoubt: 0,
      stopped: 'signal',
    });
  });

  test('does not wait for retries, which the next run makes', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 503 }] });
    await scene.workspace.drop('a.txt');
    const program = scene.start([...scene.flags, '--once', '--json', '--retry-delay', '30', '--log-level', 'debug']);
    await program.logged('attempt-finished');
    program.kill('SIGTERM');

    expect(await program.exited).toBe(143);
    expect(program.summary).toMatchObject({ failed: 0, pending: 1, attempts: 1 });
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('waits no longer than the grace: what is cut off is in doubt, and left to the next run', async () => {
    const scene = await openScene({ faults: [{ kind: 'hang', document: 'a.txt', attempts: [1] }] });
    await scene.workspace.drop('a.txt');
    const program = scene.start([...scene.flags, '--json', '--grace', '0.3', '--log-level', 'debug']);
    await busy(program, 1);
    program.kill('SIGINT');

    expect(await program.exited).toBe(130);
    expect(program.summary).toMatchObject({ documents: 1, failed: 0, pending: 1, inDoubt: 1, stopped: 'signal' });
    expect(await filesIn(scene.workspace.outbox())).toEqual([]);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
    expect((await scene.once()).summary).toMatchObject({ succeeded: 1 });
  });
});

describe('the second signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the program at once with %d, and leaves nothing half-written', async (signal, code) => {
    const scene = await openScene({ faults: [{ kind: 'hang', document: '[ab].txt' }] });
    await dropAll(scene);
    const program = scene.start([...scene.flags, '--grace', '3600', '--concurrency', '3', '--log-level', 'debug']);
    await until('two calls hang', () => lines(program, 'document-succeeded').length === IDS.length - 2);
    program.kill(signal);
    await program.logged('run-stopping');
    const before = performance.now();
    program.kill(signal);

    expect(await program.exited).toBe(code);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(await filesIn(scene.workspace.outbox())).toEqual(IDS.slice(2).map((id) => `${id}.md`));
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });
});

/** When a line was logged, in seconds since the epoch. */
function secondsOf({ time }: LogLine): number {
  return Date.parse(String(time)) / 1000;
}

describe('a stop with 20,000 documents in line', () => {
  const DOCUMENTS = 20_000;
  let inbox = '';

  beforeAll(() => {
    inbox = mkdtempSync(join(tmpdir(), 'sluice-test-'));
    for (let number = 0; number < DOCUMENTS; number += 1)
      writeFileSync(join(inbox, `${number}.txt`), `This is ${number}.`);
  });
  afterAll(() => rmSync(inbox, { recursive: true }));

  /** A run with two calls in flight; all others are in line, or not yet looked at. */
  async function scanning(): Promise<Program> {
    const scene = await openScene({ latency: 1.5 });
    const flags = ['--once', '--json', '--inbox', inbox, '--settle', '0', '--concurrency', '2'];
    const program = scene.start([...scene.flags, ...flags]);
    await until('a call came', async () => (await scene.requests()).length > 0);
    return program;
  }

  /** A run with two calls in flight, and all others in line. */
  async function inLine(): Promise<Program> {
    const program = await scanning();
    await program.logged('scan-finished');
    await program.logged('document-succeeded');
    return program;
  }

  test('counts each document, also those that the scan had not come to', async () => {
    const program = await scanning();
    program.kill('SIGTERM');
    expect(await program.exited).toBe(143);
    const succeeded = lines(program, 'document-succeeded').length;
    expect(program.summary).toMatchObject({ documents: DOCUMENTS, succeeded, pending: DOCUMENTS - succeeded });
  });

  test('files what is in flight as it ends, ends at once then, and counts each document', async () => {
    const program = await inLine();
    program.kill('SIGTERM');
    const stopped = secondsOf(await program.logged('run-stopping'));
    expect(await program.exited).toBe(143);
    const ended = Date.now() / 1000;

    const succeeded = lines(program, 'document-succeeded');
    const last = Math.max(stopped, ...succeeded.map(secondsOf));
    // The calls in flight take 1.5 s.
    expect(last - stopped).toBeLessThan(4);
    expect(ended - last).toBeLessThan(4);
    expect(program.summary).toMatchObject({
      documents: DOCUMENTS,
      succeeded: succeeded.length,
      pending: DOCUMENTS - succeeded.length,
      inDoubt: 0,
    });
  });

  test('hears the second signal', async () => {
    const program = await inLine();
    program.kill('SIGTERM');
    await program.logged('run-stopping');
    const before = performance.now();
    program.kill('SIGTERM');

    expect(await program.exited).toBe(143);
    expect(performance.now() - before).toBeLessThan(4000);
  });
});

describe('SIGHUP', () => {
  test('takes up a changed configuration, and pays for nothing again', async () => {
    const { scene, daemon, configFile } = await watchWithConfig('model: openai/gpt-5\n');
    await writeFile(configFile, 'model: openai/gpt-5-mini\n');
    daemon.kill('SIGHUP');
    await reloaded(daemon);
    await scene.workspace.drop('after.txt', 'It was after.');
    await answered(daemon, 'after.txt');
    daemon.kill('SIGTERM');

    expect(await daemon.exited).toBe(143);
    expect(await models(scene)).toEqual(['openai/gpt-5', 'openai/gpt-5-mini']);
    expect(scene.calls()).toEqual(askedOnce('It was before.', 'It was after.'));
    expect(daemon.summary).toMatchObject({ documents: 2, succeeded: 2, skipped: 0 });
  });

  test('is not needed for a changed recipe: the next document has it', async () => {
    const recipeFolder = await openScene();
    const recipe = await recipeFolder.workspace.drop('recipe.md', 'Be short.');
    const { scene, daemon } = await watchWithConfig(`recipe: ${recipe}\n`);
    const long = `${'Be as long as you can. '.repeat(100)}Begin.`;
    await writeFile(recipe, long);
    await scene.workspace.drop('after.txt', 'It was after.');
    await answered(daemon, 'after.txt');

    const promptTokens = lines(daemon, 'attempt-finished').map(({ attempt }) => (attempt as LogLine)['promptTokens']);
    // The simulator counts a token for every four characters.
    expect(promptTokens).toEqual([
      Math.ceil('Be short.It was before.'.length / 4),
      Math.ceil(`${long}It was after.`.length / 4),
    ]);
  });

  test('lets calls in flight finish with the old configuration', async () => {
    const scene = await openScene({ latency: 1 });
    const configFile = join(scene.workspace.root, 'sluice.config.yaml');
    await writeFile(configFile, 'model: openai/gpt-5\n');
    await dropAll(scene);
    const daemon = await scene.watch(['--concurrency', '2']);
    await busy(daemon, 2);
    await writeFile(configFile, 'model: openai/gpt-5-mini\n');
    daemon.kill('SIGHUP');
    for (const id of IDS) await answered(daemon, id);
    daemon.kill('SIGTERM');

    expect(await daemon.exited).toBe(143);
    expect(scene.calls()).toEqual(askedOnce(...IDS.map((id) => `This is ${id}. It says something.`)));
    expect(new Set(await models(scene))).toEqual(new Set(['openai/gpt-5', 'openai/gpt-5-mini']));
    expect(daemon.summary).toMatchObject({ documents: IDS.length, succeeded: IDS.length, inDoubt: 0 });
  });

  test('says that it took up a changed configuration, also where nothing is in flight', async () => {
    const { daemon, configFile } = await watchWithConfig('model: openai/gpt-5\n');
    await writeFile(configFile, 'model: openai/gpt-5-mini\n');
    daemon.kill('SIGHUP');
    await reloaded(daemon);

    expect(lines(daemon, 'run-noted').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('the configuration changed'),
    ]);
  });

  test('says what is wrong with a broken configuration, and goes on with the old one', async () => {
    const { scene, daemon, configFile } = await watchWithConfig('model: openai/gpt-5\n');
    await writeFile(configFile, 'concurrency: many\n');
    daemon.kill('SIGHUP');
    const line = await noted(daemon, /not used/);
    await scene.workspace.drop('after.txt', 'It was after.');
    await answered(daemon, 'after.txt');

    expect(line['level']).toBe('warn');
    expect(line['msg']).toContain('concurrency');
    expect(line['msg']).toContain('many');
    expect(await models(scene)).toEqual(['openai/gpt-5', 'openai/gpt-5']);
  });

  test('scans the inbox at once where the configuration did not change', async () => {
    const { scene, daemon } = await watchWithConfig('model: openai/gpt-5\n');
    const scans = lines(daemon, 'scan-finished').length;
    daemon.kill('SIGHUP');
    await noted(daemon, /has not changed/);
    await until('the inbox was scanned', () => lines(daemon, 'scan-finished').length > scans);

    expect(scene.calls()).toEqual(askedOnce('It was before.'));
  });

  test('ends neither the daemon nor a run', async () => {
    const scene = await openScene({ latency: 1 });
    await scene.workspace.drop('a.txt');
    const program = scene.start([...scene.flags, '--once', '--json', '--log-level', 'debug']);
    await busy(program, 1);
    program.kill('SIGHUP');

    expect(await program.exited).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, stopped: null });
  });
});

describe('a reader that leaves', () => {
  test.each([['stdout'], ['stderr']] as const)('%s: the run files everything, and ends with 0', async (stream) => {
    const scene = await openScene({ latency: 0.2 });
    await dropAll(scene);
    const program = scene.start([...scene.flags, '--once', '--json', '--log-level', 'debug']);
    program.child[stream]?.destroy();

    expect(await program.exited).toBe(0);
    expect(await filesIn(scene.workspace.outbox())).toEqual(IDS.map((id) => `${id}.md`));
    expect(scene.calls()).toEqual(askedOnce(...IDS.map((id) => `This is ${id}. It says something.`)));
    expect(program.stderr).not.toContain('EPIPE');
  });

  test.each([['stdout'], ['stderr']] as const)(
    '%s: the daemon goes on, and a signal ends it cleanly',
    async (stream) => {
      const scene = await openScene();
      const daemon = await scene.watch();
      daemon.child[stream]?.destroy();
      await dropAll(scene);
      await until('all have a result', () => IDS.every((id) => scene.workspace.hasResult(id)));
      daemon.kill('SIGTERM');

      expect(await daemon.exited).toBe(143);
      expect(daemon.stderr).not.toContain('EPIPE');
    },
  );
});
