import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

describe('sluice status', () => {
  const stage = setTheStage();

  test('tells of calls in flight beside the daemon, and of what its death left in doubt', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'hang' }] });
    for (const id of ['a.txt', 'b.txt', 'c.txt']) await workspace.drop(id);
    const daemon = stage.start(daemonOver(workspace, simulator, '--concurrency', '2'));
    const status = async () => {
      const { code, stdout } = await stage.run([
        'status',
        '--root',
        workspace.root,
        '--api',
        simulator.url,
        '--no-recipe',
        '--json',
      ]);
      expect(code).toBe(0);
      return JSON.parse(stdout) as Readonly<Record<'documents' | 'running' | 'inDoubt', unknown>>;
    };

    await until('two calls are in flight', async () => simulator.billing().length === 2);
    expect(await status()).toMatchObject({
      documents: { done: 0, failed: 0, held: 0, pending: 3, stale: 0 },
      running: { calls: 2, process: { pid: daemon.child.pid } },
      inDoubt: 0,
    });

    daemon.kill('SIGKILL');
    await daemon.exited;
    expect(await status()).toMatchObject({ running: { calls: 0, process: null }, inDoubt: 2 });
  });

  test('tells people what a run came to, and what it cost', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'refusal', document: 'bad' }] });
    await workspace.drop('good.txt');
    await workspace.drop('bad.txt');
    await stage.run(onceOver(workspace, simulator));
    const { code, stdout, stderr } = await stage.run([
      'status',
      '--root',
      workspace.root,
      '--api',
      simulator.url,
      '--no-recipe',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^2 documents: 1 done, 1 failed, 0 held, 0 pending\.$/m);
    expect(stdout).toMatch(/^Spent \(UTC\): today (?:under )?\$0\.\d+ \(2 calls\);/m);
  });

  test('tells of each document by its own recipe, and which recipe cannot be used', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await workspace.drop('list/a.txt');
    await workspace.drop('list/_recipe.prompt', '---\noutput:\n  format: json\n---\nList it.');
    await workspace.drop('text/b.txt');
    await stage.run(onceOver(workspace, simulator));
    await workspace.drop('text/_recipe.md', 'Summarise it.');
    await workspace.drop('broken/c.txt');
    await workspace.drop('broken/_recipe.prompt', '---\nmodle: x\n---\nSummarise it.');
    const { stdout } = await stage.run([
      'status',
      '--root',
      workspace.root,
      '--api',
      simulator.url,
      '--no-recipe',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      documents: { done: 2, failed: 0, held: 0, pending: 1, stale: 1 },
      recipes: [
        { name: 'inbox/broken/_recipe.prompt', reason: expect.stringContaining('did you mean model'), documents: 1 },
      ],
    });
    const shown = await stage.run(['show', workspace.outbox('list/a.txt.json'), '--root', workspace.root, '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ document: 'list/a.txt' });
  });
});
