import { appendFileSync } from 'node:fs';
import { link, rm, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { daemonOver, onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** The first document is in flight, and the second one waits for its permit. */
async function whileTheSecondWaits(more: readonly string[] = []) {
  const workspace = await stage.workspace();
  const simulator = await stage.simulator({ faults: [{ kind: 'slow-headers', seconds: 60, document: 'first' }] });
  await workspace.drop('1.txt', 'The first document. It takes long.');
  await workspace.drop('2.txt', 'The second document, old. It waits.');
  const program = stage.start(onceOver(workspace, simulator, '--concurrency', '1', ...more));
  await program.logged('attempt-started');
  await program.logged('document-queued', ({ document }) => document === '2.txt');
  return { workspace, simulator, program };
}

describe('documents that do not keep still', () => {
  test('forgets one that vanishes before it was sent', async () => {
    const { workspace, simulator, program } = await whileTheSecondWaits(['--timeout', '1', '--retries', '0']);
    await rm(workspace.inbox('2.txt'));
    expect(await program.exited).toBe(3);
    expect(program.summary).toMatchObject({ documents: 1, failed: 1 });
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'document-gone', document: '2.txt' }));
    expect(simulator.billing()).toHaveLength(1);
  });

  test('does not send one that changed since it was found, and leaves it for the next run', async () => {
    const { workspace, simulator, program } = await whileTheSecondWaits(['--timeout', '1', '--retries', '0']);
    await writeFile(workspace.inbox('2.txt'), 'The second document, new and longer. It waits.');
    expect(await program.exited).toBe(3);
    expect(program.summary).toMatchObject({ documents: 2, failed: 1, pending: 1 });
    expect(simulator.billing()).toHaveLength(1);

    simulator.setPlan({});
    await stage.run(onceOver(workspace, simulator));
    expect(await workspace.result('2.txt')).toContain('new and longer');
  });

  test('sends the new content alone, where a daemon finds one changed', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'slow-headers', seconds: 60, document: 'first' }] });
    await workspace.drop('1.txt', 'The first document. It takes long.');
    const program = stage.start(daemonOver(workspace, simulator, '--concurrency', '1', '--timeout', '1'));
    await program.logged('attempt-started');
    await workspace.drop('2.txt', 'The second document, old. It waits.');
    await program.logged('document-queued', ({ document }) => document === '2.txt');
    await writeFile(workspace.inbox('2.txt'), 'The second document, new and longer. It waits.');
    await until('the second is answered', () => workspace.hasResult('2.txt'));
    expect(await workspace.result('2.txt')).toContain('new and longer');
    expect(simulator.billing()).toHaveLength(2);
  });

  test('never sends a part of one that grows all the time, and ends', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const path = await workspace.drop('growing.txt', 'The beginning of a long story.\n');
    const writer = setInterval(() => appendFileSync(path, 'And then, and then.\n'), 20);
    stage.afterwards(async () => clearInterval(writer));
    const program = await stage.run(onceOver(workspace, simulator, '--settle', '1'));
    expect(program.code).toBe(7);
    expect(program.summary).toMatchObject({ documents: 1, pending: 1 });
    expect(simulator.billing()).toEqual([]);
  });

  test('answers one that was written a second name for', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const path = await workspace.drop('one.txt');
    await link(path, workspace.inbox('two.txt'));
    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(0);
    expect(await workspace.result('two.txt')).toBe(await workspace.result('one.txt'));
  });

  test('answers one whose mtime lies in the future', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const path = await workspace.drop('future.txt');
    const tomorrow = new Date(Date.now() + 86_400_000);
    await utimes(path, tomorrow, tomorrow);
    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(0);
    expect((await stage.run(onceOver(workspace, simulator))).summary).toMatchObject({ skipped: 1 });
  });
});
