import { describe, expect, test } from '@jest/globals';
import type { Ledger } from '../../src/domain/ledger.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { answer, fail, inboxOf, retryVerdict, seen, timeline } from './in-memory.ts';
import { ids, play } from './play.ts';

/** A ledger that takes 50 ms to look for an answer. */
function slowToAnswer(ledger: Ledger, { scheduler }: Clock): Ledger {
  const answerOf = ledger.answer.bind(ledger);
  const slowly: typeof answerOf = async (...asked) => {
    const found = await answerOf(...asked);
    await new Promise((resolve) => void scheduler.schedule(resolve, 50));
    return found;
  };
  return Object.assign(ledger, { answer: slowly });
}

describe('documents of the same bytes', () => {
  const bytes = { a: 'same', b: 'same', c: 'same' };

  test('are asked once, also while the first is in flight; the others get its answer', async () => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a', 'b', 'c', 'd'), bytes }));
    expect(running.asked).toEqual(['a', 'd']);
    expect(log.map(([, event]) => event)).toEqual(
      expect.arrayContaining(['document-succeeded a', 'document-reused b', 'document-reused c']),
    );
    expect(running.outbox.results.get('c')).toBe('answer to a');
  });

  test('wait through the retries of the first, and share its result', async () => {
    const verdicts = { a: [retryVerdict(), fail], b: [answer] };
    const { log, running } = await play(() => ({ inbox: inboxOf('a', 'b', 'c'), bytes, verdicts }));
    expect(running.asked).toEqual(['a', 'a']);
    expect(log.filter(([, event]) => event.startsWith('document-failed'))).toEqual([
      [2020, 'document-failed a fail'],
      [2020, 'document-failed b fail'],
      [2020, 'document-failed c fail'],
    ]);
    expect(running.outbox.reports.get('b')?.reason).toContain('were asked as a, in vain');
  });

  test('are asked for the next in line where the first has to wait for long', async () => {
    const verdicts = { a: [retryVerdict(3600)], b: [answer] };
    const { running } = await play(() => ({
      inbox: inboxOf('a', 'b', 'c'),
      bytes,
      verdicts,
      settings: { waitsForParked: false },
    }));
    expect(running.asked).toEqual(['a', 'b']);
    expect(running.outbox.results.get('c')).toBe('answer to b');
  });

  test('wait on where the run ends before the first is answered', async () => {
    const { log, running } = await play(
      () => ({ inbox: inboxOf('a', 'b'), bytes, verdicts: { a: [retryVerdict()] } }),
      ({ gate }, at) => at(100, () => gate.close('signal')),
    );
    expect(log.filter(([at]) => at === 100).map(([, event]) => event)).toEqual(['document-pending a']);
    expect(log).toContainEqual([0, 'document-waiting b']);
    expect(running.asked).toEqual(['a']);
  });

  test('hold no place while they wait, however many they are, and leave as many as they are', async () => {
    const twins = ids(3000);
    const same = Object.fromEntries(twins.map((id) => [id, 'same']));
    const { log, running } = await play(() => ({
      inbox: inboxOf(...twins, 'other'),
      bytes: same,
      verdicts: { d1: [retryVerdict(3600)] },
      settings: { waitsForParked: false },
    }));
    const moments = Object.fromEntries(log.map(([at, event]) => [event, at]));
    expect(moments['document-succeeded other']).toBe(10);
    expect(running.asked).toEqual(['d1', 'other', 'd2']);
    expect(running.outbox.results.size).toBe(3000);
  });

  test.each([0, 10, 40, 49, 50, 51, 59, 60, 61, 70, 110])(
    'are asked once, however long the ledger takes to look: the other one comes after %d ms',
    async (atMs) => {
      const { running } = await play((clock) => ({
        inbox: timeline(
          clock,
          [
            [0, seen('a')],
            [atMs, seen('b')],
          ],
          200,
        ),
        bytes,
        changes: ({ ledger }) => ({ ledger: slowToAnswer(ledger, clock) }),
      }));
      expect(running.asked).toEqual(['a']);
      expect(running.outbox.results.get('b')).toBe('answer to a');
    },
  );

  test('are filed all at once where the ledger has their answer, however long it takes to look', async () => {
    const before = (await play(() => ({ inbox: inboxOf('first'), bytes: { first: 'same' } }))).running;
    const twins = ids(20);
    const { log, running } = await play((clock) => ({
      inbox: inboxOf(...twins),
      bytes: Object.fromEntries(twins.map((id) => [id, 'same'])),
      concurrency: 20,
      ledger: before.ledger,
      changes: ({ ledger }) => ({ ledger: slowToAnswer(ledger, clock) }),
    }));
    expect(running.asked).toEqual([]);
    expect(running.outbox.results.size).toBe(20);
    // One looks, and then all the others.
    expect(log.at(-1)?.[0]).toBe(100);
  });

  test('are read no more often than need be when they are many: once to wait, and once to be filed', async () => {
    const twins = ids(300);
    const reads = new Map<string, number>();
    const { log, running } = await play(() => ({
      inbox: inboxOf(...twins),
      bytes: Object.fromEntries(twins.map((id) => [id, 'same'])),
      changes: ({ inbox }) => ({
        inbox: {
          ...inbox,
          read: (asked) => {
            reads.set(asked.id, (reads.get(asked.id) ?? 0) + 1);
            return inbox.read(asked);
          },
        },
      }),
    }));
    expect(running.outbox.results.size).toBe(300);
    expect(Math.max(...reads.values())).toBeLessThanOrEqual(2);
    expect(log.filter(([, event]) => event.startsWith('document-waiting')).length).toBeLessThan(300);
  });

  test('are asked once where all are to be asked again', async () => {
    const settings = { redo: 'all' } as const;
    const { running } = await play(() => ({ inbox: inboxOf('a', 'b'), bytes, settings }));
    expect(running.asked).toEqual(['a']);
  });
});
