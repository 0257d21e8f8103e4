import { describe, expect, test } from '@jest/globals';
import { concat, NEVER, throwError } from 'rxjs';
import { DiskError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { inboxOf, MemoryOutbox, retryVerdict, runningPipeline, type Scenario } from './in-memory.ts';
import { ids } from './play.ts';

function started(scenario: (time: ReturnType<typeof promiseTime>) => Scenario) {
  const time = promiseTime();
  const running = runningPipeline(time.clock, scenario(time));
  const events: PipelineEvent[] = [];
  let end: 'complete' | Error | null = null;
  const begin = () =>
    running.events.subscribe({
      next: (event) => void events.push(event),
      error: (error: Error) => {
        end = error;
      },
      complete: () => {
        end = 'complete';
      },
    });
  return { time, running, events, begin, end: () => end };
}

describe('a stop with 20,000 documents in line', () => {
  test('has each reported as pending once, in slices, and records the calls that end meanwhile', async () => {
    const all = ids(20_000);
    const { time, running, events, begin, end } = started(() => ({ inbox: inboxOf(...all), callMs: 50 }));
    // The calls in flight end at the moment of the stop, after it.
    time.schedule(() => running.gate.close('signal'), 50);
    const pendings = () => events.filter(({ type }) => type === 'document-pending').length;
    const seenBetween: number[] = [];
    const look = (): void => {
      seenBetween.push(pendings());
      if (end() === null) time.clock.scheduler.schedule(look);
    };
    time.schedule(look, 50);
    begin();
    await time.play();

    expect(end()).toBe('complete');
    const told = events.flatMap((event) => (event.type === 'document-pending' ? [event.id] : []));
    expect(running.asked).toEqual(all.slice(0, 5));
    expect(told).toHaveLength(20_000 - 5);
    expect(new Set(told).size).toBe(told.length);
    // Other timers have their turn, and no slice is a long one.
    const slices = seenBetween.map((count, index) => count - (seenBetween[index - 1] ?? 0));
    expect(slices.length).toBeGreaterThan(15);
    expect(Math.max(...slices)).toBeLessThan(2500);
    const last = events.findLastIndex(({ type }) => type === 'document-pending');
    const finished = events.flatMap(({ type }, index) => (type === 'document-succeeded' ? [index] : []));
    expect(finished).toHaveLength(5);
    for (const index of finished) expect(index).toBeLessThan(last);
    expect(running.ledger.written.filter((line) => line.startsWith('end '))).toHaveLength(5);
  });
});

describe('a stream that is left', () => {
  test('aborts the calls in flight, and starts no other', async () => {
    const { time, running, begin } = started(() => ({ inbox: inboxOf(...ids(20)), callMs: 100 }));
    const subscription = begin();
    time.schedule(() => subscription.unsubscribe(), 50);
    await time.play();
    expect(running.aborted).toEqual(ids(5));
    expect(running.asked).toEqual(ids(5));
    expect(running.ledger.written.filter((line) => line.startsWith('begin '))).toHaveLength(5);
    // Nothing waits for time any more.
    expect(time.clock.now()).toBe(50);
    expect(time.clock.scheduler.actions).toHaveLength(0);
    expect(running.outbox.released.toSorted()).toEqual(ids(20).toSorted());
    for (const id of ids(5))
      expect((await running.ledger.version(id, `${id}#1`))?.attempts).toMatchObject([{ code: 'cut-off' }]);
  });

  test.each<[string, Partial<Scenario>]>([
    ['between two attempts', { verdicts: { a: [retryVerdict()] } }],
    ['until a document is due', { verdicts: { a: [retryVerdict(3600)] } }],
    ['for the disk', { outbox: Object.assign(new MemoryOutbox(), { refusals: 1000 }) }],
  ])('ends the wait %s', async (_, changes) => {
    const { time, running, begin } = started(() => ({ inbox: concat(inboxOf('a'), NEVER), ...changes }));
    const subscription = begin();
    time.schedule(() => subscription.unsubscribe(), 500);
    await time.play();
    expect(time.clock.now()).toBe(500);
    expect(running.asked).toEqual(['a']);
  });

  test('has nothing sent for a document that was being looked up', async () => {
    const { time, running, begin } = started(({ sleep }) => ({
      inbox: inboxOf('a'),
      changes: ({ inbox }) => ({
        inbox: {
          ...inbox,
          read: async (document) => {
            await sleep(50);
            return inbox.read(document);
          },
        },
      }),
    }));
    const subscription = begin();
    time.schedule(() => subscription.unsubscribe(), 25);
    await time.play();
    expect(running.asked).toEqual([]);
  });
});

test('a stop ends the wait of a document whose attempt the ledger refuses to record: it is pending', async () => {
  const { time, running, events, begin, end } = started(() => ({ inbox: inboxOf('a') }));
  running.ledger.refusals = 1000;
  time.schedule(() => running.gate.close('signal'), 2500);
  begin();
  await time.play();
  expect(end()).toBe('complete');
  expect(time.clock.now()).toBe(2500);
  expect(events.at(-1)).toMatchObject({ type: 'document-pending', id: 'a' });
  expect(running.asked).toEqual([]);
});

describe('an inbox that fails', () => {
  test('ends the stream with its error, and the calls in flight are aborted', async () => {
    const failure = new DiskError('the inbox is gone');
    const { time, running, begin, end } = started(() => ({
      inbox: concat(
        inboxOf('a'),
        throwError(() => failure),
      ),
    }));
    begin();
    await time.play();
    expect(end()).toBe(failure);
    expect(time.clock.scheduler.actions).toHaveLength(0);
    expect(running.outbox.results.size).toBe(0);
  });
});

test('a stop before the run began leaves nothing undone: the run ends at once', async () => {
  const { time, running, events, begin, end } = started(() => ({ inbox: inboxOf('a') }));
  running.gate.close('signal');
  begin();
  await time.play();
  expect(end()).toBe('complete');
  expect(events).toEqual([]);
});
