import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

describe('sluice status', () => {
  const stage = setTheStage();

  test('tells, as the daemon has it, what is stale and in flight, and what its death left in doubt', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'hang', document: 'hang' }] });
    const recipe = join(workspace.root, 'prompt.md');
    await writeFile(recipe, 'Summarize.');
    await workspace.drop('a.txt', 'answered');
    for (const id of ['b.txt', 'c.txt', 'd.txt']) await workspace.drop(id, `hang ${id}`);
    const daemon = stage.start(daemonOver(workspace, simulator, '--concurrency', '3', '--recipe', recipe));
    const status = async (...flags: readonly string[]) => {
      const { code, stdout } = await stage.run(['status', '--root', workspace.root, ...flags]);
      expect(code).toBe(0);
      return stdout;
    };

    await until(
      'three calls are in flight',
      async () => simulator.billing().length === 4 && workspace.hasResult('a.txt'),
    );
    await writeFile(recipe, 'Summarize in German.');
    expect(JSON.parse(await status('--json'))).toMatchObject({
      documents: { done: 1, failed: 0, held: 0, pending: 3, stale: 1 },
      asFor: { api: simulator.url, recipe, process: true },
      running: { calls: 3, process: { pid: daemon.child.pid } },
      inDoubt: 0,
    });
    const pid = daemon.child.pid ?? 0;
    const told = await status('--model', 'openai/gpt-5');
    expect(told).toContain(`As for API ${simulator.url}, openai/gpt-5, recipe ${recipe}.\n`);
    expect(told).toMatch(
      new RegExp(`^Running: process ${pid}, since \\d\\d:\\d\\d \\(\\d+ s\\); 3 calls in flight\\.$`, 'm'),
    );

    daemon.kill('SIGKILL');
    await daemon.exited;
    const after = await status();
    expect(after).toMatch(/^As for API openrouter, /m);
    expect(after).toContain(`Answered by ${simulator.url}: 1 of those done. A run as above asks them again.\n`);
    expect(after).toContain('Running: nothing.\nIn doubt: 3 calls may have been billed without an answer.');
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
    expect(stdout).toMatch(/^Failed:\n {2}1: .* \(refused-by-model\)\n {4}bad\.txt$/m);
    expect(stdout).toMatch(/^To see each: .* status --failed --root /m);
    const listed = await stage.run(['status', '--failed', '--root', workspace.root, '--api', simulator.url]);
    expect(listed.stdout).toMatch(
      /^1 document failed: .* \(refused-by-model\)\n {2}bad\.txt\nTo try them again: .* retry --root .*\n$/,
    );
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
