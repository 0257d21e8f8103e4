import { mkdir, open, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { askedOnce, filesIn, type Scene, scenes } from './scene.ts';
import { SlowWriter } from './slow-writer.ts';

jest.setTimeout(60_000);

const openScene = scenes();

/** More than enough for every pause of a slow writer, and less than what it takes for the whole. */
const PATIENT = ['--settle', '1'];
/** Lines after which a slow writer has been at it for longer than that. */
const MANY_LINES = 12;

function answered(daemon: Program, id: string): Promise<unknown> {
  return daemon.logged('document-succeeded', ({ document }) => document === id);
}

/** Ends the daemon, so that whatever it would have done twice is done. Resolves to the ids of what it answered, in name order. */
async function answeredInAll(daemon: Program): Promise<readonly string[]> {
  await scanAgain(daemon);
  daemon.kill('SIGTERM');
  await daemon.exited;
  return daemon.log
    .filter(({ event }) => event === 'document-succeeded')
    .map(({ document }) => String(document))
    .toSorted();
}

/** Resolves when the inbox was scanned, from beginning to end, since the call. */
async function scanAgain(daemon: Program): Promise<void> {
  const scans = () => daemon.log.filter(({ event }) => event === 'scan-finished').length;
  const before = scans();
  await until('the inbox is scanned twice more', () => scans() >= before + 2);
}

async function dropAll(scene: Scene, ids: readonly string[]): Promise<void> {
  for (const id of ids) await scene.workspace.drop(id, `The text of ${id}`);
}

describe('a document', () => {
  test('is answered once where it was there at start, and where it is dropped later', async () => {
    const scene = await openScene();
    await scene.workspace.drop('there.txt', 'It was there.');
    const daemon = await scene.watch();
    await answered(daemon, 'there.txt');
    await writeFile(scene.workspace.inbox('dropped.txt'), 'It was dropped.');
    await answered(daemon, 'dropped.txt');

    expect(await answeredInAll(daemon)).toEqual(['dropped.txt', 'there.txt']);
    expect(scene.calls()).toEqual(askedOnce('It was there.', 'It was dropped.'));
    expect(await scene.workspace.result('dropped.txt')).toContain('It was dropped.');
  });

  test('is answered once where it is renamed into the inbox, without waiting for the next scan', async () => {
    const scene = await openScene();
    const daemon = await scene.watch(['--rescan', '3600']);
    const path = join(scene.workspace.root, 'elsewhere.txt');
    await writeFile(path, 'It was moved in.');
    await utimes(path, new Date(0), new Date(0));
    await rename(path, scene.workspace.inbox('moved.txt'));

    await answered(daemon, 'moved.txt');

    expect(scene.calls()).toEqual(askedOnce('It was moved in.'));
  });

  test('is answered once and whole where it is copied slowly', async () => {
    const scene = await openScene();
    const daemon = await scene.watch(PATIENT);
    const writer = new SlowWriter(scene.workspace.inbox('slow.txt'));
    await until('the copy took longer than the settle time', () => writer.lines > MANY_LINES);
    const text = await writer.finish();
    await answered(daemon, 'slow.txt');

    expect(await answeredInAll(daemon)).toEqual(['slow.txt']);
    expect(scene.calls()).toEqual(askedOnce(text));
  });

  test('is answered once and whole where the daemon starts, and starts again, while it is copied', async () => {
    const scene = await openScene();
    const writer = new SlowWriter(scene.workspace.inbox('slow.txt'));
    await until('the copy has begun', () => writer.lines > 1);
    const first = await scene.watch(PATIENT);
    await until('the copy took longer than the settle time', () => writer.lines > MANY_LINES);
    first.kill('SIGTERM');
    await first.exited;
    const second = await scene.watch(PATIENT);
    const text = await writer.finish();
    await answered(second, 'slow.txt');

    expect(await answeredInAll(second)).toEqual(['slow.txt']);
    expect(first.summary).toMatchObject({ succeeded: 0, attempts: 0 });
    expect(scene.calls()).toEqual(askedOnce(text));
  });

  test('is answered again where it is replaced by a rename, and where it is written anew in place', async () => {
    const scene = await openScene();
    await scene.workspace.drop('replaced.txt', 'The old text.');
    await scene.workspace.drop('rewritten.txt', 'An old text.');
    const daemon = await scene.watch();
    await answered(daemon, 'replaced.txt');
    await answered(daemon, 'rewritten.txt');

    const path = join(scene.workspace.root, 'elsewhere.txt');
    await writeFile(path, 'The new text.');
    await rename(path, scene.workspace.inbox('replaced.txt'));
    const file = await open(scene.workspace.inbox('rewritten.txt'), 'r+');
    await file.write('A new text!!', 0);
    await file.close();
    await until('both are answered again', async () => {
      const results = [await scene.workspace.result('replaced.txt'), await scene.workspace.result('rewritten.txt')];
      return results.every((text) => text.includes('new text'));
    });

    expect(await answeredInAll(daemon)).toEqual(['replaced.txt', 'replaced.txt', 'rewritten.txt', 'rewritten.txt']);
    expect(scene.calls()).toEqual(askedOnce('The old text.', 'An old text.', 'The new text.', 'A new text!!'));
  });

  test('that is replaced while its call is in flight is answered anew, and the new answer stays', async () => {
    const scene = await openScene({ faults: [{ kind: 'slow-headers', seconds: 1.5, document: 'old' }] });
    await scene.workspace.drop('a.txt', 'The old text.');
    const daemon = await scene.watch();
    await daemon.logged('attempt-started');
    await scene.workspace.drop('a.txt', 'The new text.');
    await until('the new text is answered', () => Object.keys(scene.calls()).length === 2);

    expect(await answeredInAll(daemon)).toEqual(['a.txt', 'a.txt']);
    expect(scene.calls()).toEqual(askedOnce('The old text.', 'The new text.'));
    expect(await scene.workspace.result('a.txt')).toContain('The new text.');
  });

  test('that goes before it is sent costs nothing, and touches no other', async () => {
    const scene = await openScene({ latency: 1 });
    await scene.workspace.drop('a.txt', 'The first text.');
    const daemon = await scene.watch(['--concurrency', '1']);
    await daemon.logged('attempt-started');
    const path = await scene.workspace.drop('b.txt', 'Nobody will read this.');
    await daemon.logged('document-queued', ({ document }) => document === 'b.txt');
    await rm(path);
    await scene.workspace.drop('c.txt', 'The last text.');
    await answered(daemon, 'c.txt');

    expect(await answeredInAll(daemon)).toEqual(['a.txt', 'c.txt']);
    expect(scene.calls()).toEqual(askedOnce('The first text.', 'The last text.'));
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });
});

describe('documents', () => {
  test('that are written while the daemon starts are answered once each', async () => {
    const scene = await openScene();
    const names = Array.from({ length: 40 }, (_, index) => `${index}.txt`);
    const starting = scene.watch();
    for (const name of names) await writeFile(scene.workspace.inbox(name), `The text of ${name}`);
    const daemon = await starting;
    await until('all have a result', () => names.every((name) => scene.workspace.hasResult(name)));

    expect(await answeredInAll(daemon)).toEqual(names.toSorted());
    expect(scene.calls()).toEqual(askedOnce(...names.map((name) => `The text of ${name}`)));
  });

  test('in folders that are made, moved in or nested deeply while it runs are answered once each', async () => {
    const scene = await openScene();
    const daemon = await scene.watch(['--rescan', '3600']);
    const deep = Array.from({ length: 12 }, (_, index) => `level${index}`).join('/');
    const outside = join(scene.workspace.root, 'outside');
    await mkdir(join(outside, 'inner'), { recursive: true });
    await writeFile(join(outside, 'inner', 'moved.txt'), 'It came with its folder.');
    await rename(outside, scene.workspace.inbox('outside'));
    await mkdir(scene.workspace.inbox('new'));
    await writeFile(scene.workspace.inbox('new', 'at-once.txt'), 'It was there at once.');
    await mkdir(scene.workspace.inbox(deep), { recursive: true });
    await writeFile(scene.workspace.inbox(deep, 'deep.txt'), 'It lies deep.');
    const ids = [`${deep}/deep.txt`, 'new/at-once.txt', 'outside/inner/moved.txt'];
    for (const id of ids) await answered(daemon, id);
    await writeFile(scene.workspace.inbox(deep, 'later.txt'), 'It came later.');
    await answered(daemon, `${deep}/later.txt`);

    expect(await filesIn(scene.workspace.outbox())).toEqual(
      [...ids, `${deep}/later.txt`].map((id) => `${id}.md`).toSorted(),
    );
    expect(scene.calls()).toEqual(
      askedOnce('It came with its folder.', 'It was there at once.', 'It lies deep.', 'It came later.'),
    );
  });

  test('are found in an inbox that was deleted and made again, also by their events', async () => {
    const scene = await openScene();
    await scene.workspace.drop('before.txt', 'It was before.');
    const daemon = await scene.watch();
    await answered(daemon, 'before.txt');
    await rm(scene.workspace.inbox(), { recursive: true });
    await daemon.logged('inbox-lost');
    await mkdir(scene.workspace.inbox('sub'), { recursive: true });
    await writeFile(scene.workspace.inbox('sub', 'after.txt'), 'It was after.');
    await answered(daemon, 'sub/after.txt');
    await writeFile(scene.workspace.inbox('later.txt'), 'It was later.');
    await answered(daemon, 'later.txt');

    expect(daemon.log.some(({ event }) => event === 'inbox-found')).toBe(true);
    expect(await answeredInAll(daemon)).toEqual(['before.txt', 'later.txt', 'sub/after.txt']);
    expect(scene.calls()).toEqual(askedOnce('It was before.', 'It was after.', 'It was later.'));
  });

  test('that failed wait for their report to be deleted, or for a change', async () => {
    const scene = await openScene({ faults: [{ kind: 'refusal' }] });
    await scene.workspace.drop('a.txt', 'The first text.');
    await scene.workspace.drop('b.txt', 'The second text.');
    const daemon = await scene.watch();
    for (const id of ['a.txt', 'b.txt']) await daemon.logged('document-failed', ({ document }) => document === id);
    scene.simulator.setPlan({});
    await scanAgain(daemon);
    const requests = scene.simulator.billing().map((entry) => entry.requests);
    await rm(scene.workspace.failed('a.txt.error.json'));
    await writeFile(scene.workspace.inbox('b.txt'), 'The third text.');
    await answered(daemon, 'a.txt');
    await answered(daemon, 'b.txt');

    expect(requests).toEqual([1, 1]);
    expect(await answeredInAll(daemon)).toEqual(['a.txt', 'b.txt']);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('whose result is deleted have it back from the ledger while it runs', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.txt', 'The first text.');
    const daemon = await scene.watch();
    await answered(daemon, 'a.txt');
    await rm(scene.workspace.outbox('a.txt.md'));
    await until('the result is there again', () => scene.workspace.hasResult('a.txt'));

    await daemon.logged('document-reused', ({ document, from }) => document === 'a.txt' && from === 'a.txt');
    expect(await answeredInAll(daemon)).toEqual(['a.txt']);
    expect(scene.calls()).toEqual(askedOnce('The first text.'));
  });
});

describe('a pause', () => {
  const IDS = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
  test.each([
    ['a refused account', { account: 'refused' }, 'account'],
    ['an account without credit', { account: 'no-credit' }, 'account'],
  ] as const)('for %s sends nothing, loses nothing, and ends by itself', async (_, plan, scope) => {
    const scene = await openScene(plan);
    await dropAll(scene, IDS);
    const daemon = await scene.watch(['--concurrency', '2']);
    const { scope: paused } = await daemon.logged('gate-paused');
    await until(
      'the calls in flight have ended',
      () => count(daemon, 'attempt-finished') === count(daemon, 'attempt-started'),
    );
    const sent = (await scene.requests()).length;
    await dropAll(scene, ['late.txt']);
    await daemon.logged('document-queued', ({ document }) => document === 'late.txt');
    await scanAgain(daemon);
    const sentWhilePaused = (await scene.requests()).length - sent;
    scene.simulator.setPlan({});
    for (const id of [...IDS, 'late.txt']) await answered(daemon, id);

    expect(paused).toBe(scope);
    expect(sent).toBeLessThanOrEqual(2);
    expect(sentWhilePaused).toBe(0);
    expect(await answeredInAll(daemon)).toEqual([...IDS, 'late.txt']);
    expect(Object.values(scene.calls()).map((calls) => calls.answered)).toEqual([1, 1, 1, 1, 1]);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('does not keep a signal from ending the daemon', async () => {
    const scene = await openScene({ account: 'refused' });
    await dropAll(scene, IDS);
    const daemon = await scene.watch();
    await daemon.logged('gate-paused');
    daemon.kill('SIGTERM');

    expect(await daemon.exited).toBe(143);
    expect(daemon.summary).toMatchObject({ documents: IDS.length, failed: 0, pending: IDS.length, stopped: 'signal' });
  });

  test('for a model that does not exist sends nothing, and ends when the configuration names one that does', async () => {
    const scene = await openScene();
    const config = join(scene.workspace.root, 'sluice.config.yaml');
    await writeFile(config, 'model: nobody/nothing\n');
    await dropAll(scene, IDS);
    const daemon = await scene.watch(['--concurrency', '2']);
    const { scope } = await daemon.logged('gate-paused');
    await scanAgain(daemon);
    const sent = (await scene.requests()).length;
    await writeFile(config, 'model: openai/gpt-5-mini\n');
    daemon.kill('SIGHUP');
    for (const id of IDS) await answered(daemon, id);

    expect(scope).toBe('model');
    expect(sent).toBeLessThanOrEqual(2);
    expect(await answeredInAll(daemon)).toEqual(IDS);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('for a model that is listed but not served ends when it is', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 404 }] });
    await dropAll(scene, IDS);
    const daemon = await scene.watch(['--concurrency', '2']);
    await daemon.logged('gate-resumed');
    scene.simulator.setPlan({});
    for (const id of IDS) await answered(daemon, id);

    expect(await answeredInAll(daemon)).toEqual(IDS);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('for a parameter that every document is refused for takes back those that failed, and ends by itself', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 400 }] });
    const ids = [...IDS, 'e.txt', 'f.txt', 'g.txt'];
    await dropAll(scene, ids);
    const daemon = await scene.watch(['--concurrency', '1']);
    await daemon.logged('gate-paused', ({ scope }) => scope === 'model');
    scene.simulator.setPlan({});
    await until('all have a result', () => ids.every((id) => scene.workspace.hasResult(id)));

    expect(await answeredInAll(daemon)).toEqual(ids);
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
    expect(Object.keys(scene.calls())).toHaveLength(ids.length);
  });
});

function count(daemon: Program, event: string): number {
  return daemon.log.filter((line) => line['event'] === event).length;
}
