import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import type { DocumentRef } from '../../src/domain/document.ts';
import { DiskError, UsageError, WorkspaceTakenError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { iterate, run, startRun } from '../../src/library/run.ts';
import type { Sink, SinkAnswer } from '../../src/library/sink.ts';
import type { Source } from '../../src/library/source.ts';
import type { Prepared } from '../../src/run/prepare.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { preparedIn, preparedOf, processContext } from '../run/support.ts';
import { Workspace } from '../support/workspace.ts';

/** Documents in memory. */
function sourceOf(texts: Readonly<Record<string, string>>, ignored: readonly string[] = []): Source {
  return {
    documents: () => [
      ...ignored.map((reason) => ({ kind: 'ignored', reason }) as const),
      ...Object.entries(texts).map(([id, text]) => {
        const document: DocumentRef = { id, size: text.length, mtimeMs: 1 };
        return { kind: 'document', document } as const;
      }),
    ],
    read: async (document) => {
      const bytes = Buffer.from(texts[document.id] ?? '');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { kind: 'read', content: { document, sha256, files: [{ name: document.id, bytes }] } };
    },
  };
}

/** Keeps what it gets. */
class Answers implements Sink {
  readonly got: SinkAnswer[] = [];

  async file(answer: SinkAnswer): Promise<void> {
    this.got.push(answer);
  }
}

describe('a run with a source and a sink', () => {
  let simulator: Simulator;
  let context: ReturnType<typeof processContext>;
  beforeEach(async () => {
    simulator = await startSimulator({});
    context = processContext();
  });
  afterEach(() => simulator.close());

  const flags = (more = {}) => ({
    once: true,
    prompt: 'List facts.',
    api: simulator.url,
    model: 'openai/gpt-5',
    ...more,
  });
  const prepared = (more = {}): Prepared => preparedOf(flags(more), { ledgerFolder: null });

  test('resolves to its summary, tells what happens, and forgets everything', async () => {
    const sink = new Answers();
    const source = sourceOf({ 'a.txt': 'Apples are red.', 'q1/b.txt': 'Pears are green.' }, ['links']);
    const running = run({ prepared: prepared(), context, source, sink });
    const seen: string[] = [];
    for await (const event of running) seen.push(event.type);
    const summary = await running;

    expect(summary).toMatchObject({ documents: 2, succeeded: 2, attempts: 2, stopped: null, ignored: { links: 1 } });
    expect(sink.got.map(({ id }) => id).toSorted()).toEqual(['a.txt', 'q1/b.txt']);
    expect(sink.got.find(({ id }) => id === 'a.txt')).toMatchObject({ ending: '.md' });
    expect(sink.got.find(({ id }) => id === 'a.txt')?.text).toContain('Apples are red.');
    expect(seen[0]).toBe('run-started');
    expect(seen.filter((type) => type === 'document-succeeded')).toHaveLength(2);
    expect(context.printed).toEqual({ stdout: '', stderr: '' });
    expect(context.signals.observed).toBe(false);
    expect(running.tally.snapshot().succeeded).toBe(2);

    expect(await run({ prepared: prepared(), context, source, sink })).toMatchObject({ succeeded: 2, attempts: 2 });
  });

  test('a document that fails is a result; a sink that refuses for good ends the run', async () => {
    const sink = new Answers();
    const failing = await run({
      prepared: prepared({ 'max-tokens': '1' }),
      context,
      source: sourceOf({ a: 'text' }),
      sink,
    });
    expect(failing).toMatchObject({ documents: 1, failed: 1, stopped: null });
    expect(sink.got).toEqual([]);

    const refusing: Sink = { file: () => Promise.reject(new DiskError('the bucket is closed')) };
    const source = sourceOf({ a: 'text' });
    const refused = await run({ prepared: prepared({ grace: '0' }), context, source, sink: refusing });
    expect(refused).toMatchObject({ succeeded: 0, pending: 1, stopped: 'disk' });
  });

  test.each(['stop', 'force', 'signal'] as const)('ends by %s, for the reason that it was asked to', async (way) => {
    await simulator.close();
    simulator = await startSimulator({ plan: { latency: way === 'force' ? 60 : 0.2 } });
    const abort = new AbortController();
    const source = sourceOf(Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, `text of ${id}`])));
    const running = run({
      prepared: prepared({ concurrency: '1' }),
      context,
      source,
      sink: new Answers(),
      signal: abort.signal,
    });
    for await (const event of running) if (event.type === 'attempt-started') break;
    if (way === 'signal') abort.abort();
    else void running.stop({ force: way === 'force' });

    const summary = await running;
    expect(summary).toMatchObject({ documents: 4, stopped: 'request', attempts: 1 });
    expect(summary.succeeded).toBe(way === 'force' ? 0 : 1);
    expect(summary.pending).toBe(way === 'force' ? 4 : 3);
  });

  test('a signal that was aborted before asks nothing', async () => {
    const source = sourceOf({ a: 'text' });
    const summary = await run({
      prepared: prepared(),
      context,
      source,
      sink: new Answers(),
      signal: AbortSignal.abort(),
    });
    expect(summary).toMatchObject({ attempts: 0, pending: 1, stopped: 'request' });
  });

  test('its answers are remembered where there is a folder for a ledger, and filed again at no cost', async () => {
    const workspace = await Workspace.make();
    const remembering = { ...prepared(), ledgerFolder: `${workspace.root}/.sluice` };
    const sink = new Answers();
    const source = sourceOf({ a: 'Apples.' });
    expect(await run({ prepared: remembering, context, source, sink })).toMatchObject({ succeeded: 1, attempts: 1 });
    expect(await run({ prepared: remembering, context, source, sink })).toMatchObject({ reused: 1, attempts: 0 });
    expect(sink.got).toHaveLength(2);
    await workspace.remove();
  });

  test('rejects where it cannot begin, and its events say so, too', async () => {
    const running = run({ prepared: prepared({ 'max-cost': '0.000001' }), context, source: sourceOf({ a: 'x' }) });
    const told = (async () => {
      for await (const _ of running) continue;
    })();
    await expect(running).rejects.toBeInstanceOf(UsageError);
    await expect(told).rejects.toBeInstanceOf(UsageError);
  });
});

test('two runs on one workspace in one process: the second is refused, and the first goes on', async () => {
  const simulator = await startSimulator({ plan: { latency: 0.2 } });
  const workspace = await Workspace.make();
  await workspace.drop('a.txt');
  const flags = { once: true, prompt: 'List facts.', api: simulator.url, model: 'openai/gpt-5' };
  const prepared = await preparedIn(workspace, flags);
  const context = processContext();
  const first = run({ prepared, context });
  for await (const event of first) if (event.type === 'attempt-started') break;
  await expect(Promise.resolve(run({ prepared, context }))).rejects.toBeInstanceOf(WorkspaceTakenError);
  expect(await first).toMatchObject({ succeeded: 1 });
  expect(await run({ prepared, context })).toMatchObject({ skipped: 1 });
  await workspace.remove();
  await simulator.close();
});

test('a reader that is slow gets the newest events, and is told how many it missed', async () => {
  const events = new Subject<PipelineEvent>();
  const reading = iterate(events);
  const first = reading.next();
  for (let number = 0; number < 10_003; number += 1) events.next({ type: 'document-gone', id: String(number) });
  events.complete();
  const rest: unknown[] = [(await first).value];
  for await (const event of reading) rest.push(event);
  expect(rest[0]).toEqual({ type: 'events-dropped', count: 3 });
  expect(rest[1]).toMatchObject({ id: '3' });
  expect(rest).toHaveLength(10_001);
});

test('what fails in the middle of a run closes it, and is what it rejects with', async () => {
  const events = new Subject<PipelineEvent>();
  let closed = 0;
  const close = async (): Promise<void> => void (closed += 1);
  const running = startRun({ context: processContext() }, async () => ({ events, close }));
  await sleep(0);
  events.error(new TypeError('a mistake'));
  await expect(Promise.resolve(running)).rejects.toThrow('a mistake');
  expect(closed).toBe(1);
});
