import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { asked, askedOnce, type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const openScene = scenes();

/** Long enough for a process to be killed while the call is in flight. */
const SLOW = { latency: 30 };

/** Starts a run and kills it when its calls are in flight. */
async function killedInFlight(scene: Scene, calls = 1, args: readonly string[] = []): Promise<void> {
  const before = (await scene.requests()).length;
  const program = scene.start(['--once', ...scene.flags, '--settle', '0', ...args]);
  await until('the calls are in flight', async () => (await scene.requests()).length >= before + calls);
  program.kill('SIGKILL');
  await program.exited;
}

describe('a call that was in flight when the program died', () => {
  test('is told at the next start, and sent again', async () => {
    const scene = await openScene(SLOW);
    await scene.workspace.drop('a.txt', 'The first text.');
    await killedInFlight(scene);
    scene.simulator.setPlan({});

    const next = await scene.once();
    expect(next.code).toBe(0);
    expect(next.summary).toMatchObject({ succeeded: 1, attempts: 1, retries: 1, inDoubtBefore: 1, inDoubt: 0 });
    expect(next.log).toContainEqual(expect.objectContaining({ event: 'attempt-interrupted', document: 'a.txt' }));
    expect(scene.calls()).toMatchObject(
      Object.fromEntries(Object.keys(askedOnce('The first text.')).map((key) => [key, { requests: 2 }])),
    );
  });

  test('is held for a person where that was asked for, until sluice retry sends it again', async () => {
    const scene = await openScene(SLOW);
    await scene.workspace.drop('a.txt', 'The first text.');
    await killedInFlight(scene);
    scene.simulator.setPlan({});

    const held = await scene.once(['--in-doubt', 'hold']);
    expect(held.code).toBe(3);
    expect(held.summary).toMatchObject({ held: 1, attempts: 0, inDoubtBefore: 1 });
    const again = await scene.once();
    expect(again.code).toBe(3);
    expect(again.summary).toMatchObject({ held: 1, attempts: 0, inDoubtBefore: 0 });

    const retry = scene.start(['retry', '--root', scene.workspace.root]);
    expect(await retry.exited).toBe(0);
    expect((await scene.once()).summary).toMatchObject({ succeeded: 1, held: 0 });
  });

  test('three times fails its document, which stays failed', async () => {
    const scene = await openScene(SLOW);
    await scene.workspace.drop('a.txt', 'The first text.');
    await killedInFlight(scene);
    await killedInFlight(scene);
    await killedInFlight(scene);
    scene.simulator.setPlan({});

    const next = await scene.once();
    expect(next.code).toBe(3);
    expect(next.summary).toMatchObject({ failed: 1, attempts: 0 });
    expect(await scene.workspace.report('a.txt')).toMatchObject({ code: 'process-died', attempts: { length: 3 } });
    expect((await scene.once()).summary).toMatchObject({ failed: 1, attempts: 0 });
  });
});

describe('a reply that never came whole', () => {
  test('has its request sent again at most twice, then the document fails', async () => {
    const scene = await openScene({ faults: [{ kind: 'reset-after' }] });
    await scene.workspace.drop('a.txt', 'The first text.');
    const program = await scene.once();
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ failed: 1, attempts: 3, inDoubt: 3 });
    expect(await scene.workspace.report('a.txt')).toMatchObject({ code: 'in-doubt' });
  });

  test('holds its document where that was asked for', async () => {
    const scene = await openScene({ faults: [{ kind: 'reset-after' }] });
    await scene.workspace.drop('a.txt', 'The first text.');
    const program = await scene.once(['--in-doubt', 'hold']);
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ held: 1, failed: 0, attempts: 1, inDoubt: 1 });
  });
});

test('attempts count over restarts', async () => {
  const scene = await openScene({ faults: [{ kind: 'status', status: 500 }] });
  await scene.workspace.drop('a.txt', 'The first text.');
  const daemon = await scene.watch(['--retries', '2', '--retry-delay', '1']);
  await daemon.logged('attempt-finished');
  daemon.kill('SIGTERM');
  await daemon.exited;

  const program = await scene.once(['--retries', '2']);
  expect(program.summary).toMatchObject({ failed: 1 });
  expect(await scene.requests()).toHaveLength(3);
  expect(await scene.workspace.report('a.txt')).toMatchObject({
    attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
  });
});

describe('the same bytes', () => {
  test('under several names are asked once, also while the first is in flight', async () => {
    const scene = await openScene({ latency: 0.2 });
    for (const name of ['a.txt', 'b.txt', 'q1/c.txt']) await scene.workspace.drop(name, 'The same text.');
    const program = await scene.once(['--receipts']);
    expect(program.summary).toMatchObject({ succeeded: 1, reused: 2, attempts: 1 });
    expect(scene.calls()).toEqual(askedOnce('The same text.'));
    const texts = await Promise.all(['a.txt', 'b.txt', 'q1/c.txt'].map((id) => scene.workspace.result(id)));
    expect(new Set(texts).size).toBe(1);
  });

  test('share one fate: what may have been billed is sent once, and all are held', async () => {
    const scene = await openScene({ faults: [{ kind: 'reset-after' }] });
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await scene.workspace.drop(name, 'The same text.');
    const program = await scene.once(['--in-doubt', 'hold']);
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ held: 3, attempts: 1, inDoubt: 1 });
    expect(await scene.requests()).toHaveLength(1);
  });

  test('that come later cost nothing', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt', 'The same text.');
    await scene.once();
    await scene.workspace.drop('b.txt', 'The same text.');
    expect((await scene.once()).summary).toMatchObject({ skipped: 1, reused: 1, attempts: 0, costUsd: 0 });
  });

  test('come back free where a document returns to what it was', async () => {
    const scene = await openScene();
    const file = await scene.workspace.drop('a.txt', 'One text.');
    await scene.once();
    await writeFile(file, 'Another text.');
    await scene.once();
    await writeFile(file, 'One text.');
    expect((await scene.once()).summary).toMatchObject({ reused: 1, attempts: 0 });
    expect(await scene.workspace.result('a.txt')).toContain('One text.');
    expect(scene.calls()).toEqual(askedOnce('One text.', 'Another text.'));
  });
});

describe('another recipe', () => {
  test('makes results stale, which is said, and asks them again only on demand', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt', 'The first text.');
    await scene.once(['--max-tokens', '1000']);
    const stale = await scene.once(['--max-tokens', '2000']);
    expect(stale.code).toBe(0);
    expect(stale.summary).toMatchObject({ skipped: 1, stale: 1, attempts: 0 });

    const redone = await scene.once(['--max-tokens', '2000', '--redo', 'stale']);
    expect(redone.summary).toMatchObject({ succeeded: 1, stale: 0 });
    expect((await scene.once(['--max-tokens', '2000'])).summary).toMatchObject({ skipped: 1, stale: 0 });

    const back = await scene.once(['--max-tokens', '1000', '--redo', 'stale']);
    expect(back.summary).toMatchObject({ reused: 1, attempts: 0 });
    expect(scene.calls()).toEqual(asked({ 'The first text.': 2 }));
  });

  test('other than pace: timeouts, retries and concurrency make nothing stale', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt', 'The first text.');
    await scene.once();
    const pace = ['--concurrency', '9', '--retries', '1', '--timeout', '5', '--no-stream'];
    expect((await scene.once(pace)).summary).toMatchObject({ skipped: 1, stale: 0 });
  });
});

test('a result whose ledger is gone counts as done, and a person is told', async () => {
  const scene = await openScene();
  await scene.workspace.drop('a.txt', 'The first text.');
  await scene.once();
  await rm(join(scene.workspace.root, '.sluice'), { recursive: true });
  const program = await scene.once();
  expect(program.summary).toMatchObject({ skipped: 1, attempts: 0 });
  expect(program.log).toContainEqual(
    expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/^1 result in the outbox/) }),
  );
  const next = await scene.once();
  expect(next.summary).toMatchObject({ skipped: 1 });
  expect(next.stderr).not.toMatch(/in the outbox had no record/);
});
