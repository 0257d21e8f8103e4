import { describe, expect, test } from '@jest/globals';
import { from } from 'rxjs';
import { DiskError } from '../../src/domain/errors.ts';
import type { ResultPlace } from '../../src/domain/request.ts';
import { Budget } from '../../src/gate/budget.ts';
import {
  answer,
  document,
  fail,
  inboxOf,
  pauseAccount,
  refusedRequest,
  retryVerdict,
  seen,
  timeline,
} from './in-memory.ts';
import { ids, perMoment, play } from './play.ts';

describe('the pipeline', () => {
  test('asks a document, files its answer and remembers it', async () => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a') }));
    expect(log).toEqual([
      [0, 'document-queued a'],
      [0, 'attempt-started a'],
      [10, 'attempt-finished a null'],
      [10, 'document-succeeded a'],
    ]);
    expect(running.outbox.results.get('a')).toBe('answer to a');
    expect(running.ledger.recall('a')).toMatchObject({ state: 'done', api: 'api', recipe: 'recipe' });
    expect(running.ledger.written).toEqual(['begin a 1', 'end a 1', 'done a']);
  });

  test('never has more calls in flight than the gate allows', async () => {
    const { running } = await play(() => ({ inbox: inboxOf(...ids(100)), concurrency: 7 }));
    expect(running.most()).toBe(7);
    expect(running.outbox.results.size).toBe(100);
  });

  test('asks again after 2 and 4 seconds, and fails the document when the attempts are used up', async () => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a'), verdicts: { a: [retryVerdict()] } }));
    expect(log).toEqual([
      [0, 'document-queued a'],
      [0, 'attempt-started a'],
      [10, 'attempt-finished a 2'],
      [2010, 'attempt-started a'],
      [2020, 'attempt-finished a 4'],
      [6020, 'attempt-started a'],
      [6030, 'attempt-finished a null'],
      [6030, 'document-failed a retries-used-up'],
    ]);
    expect(running.outbox.reports.get('a')?.attempts).toHaveLength(3);
    expect(running.ledger.recall('a')?.state).toBe('failed');
  });

  test('lets others be asked while a document waits: a wait holds no slot', async () => {
    const { log } = await play(() => ({
      inbox: inboxOf('a', 'b'),
      concurrency: 1,
      verdicts: { a: [retryVerdict(), answer] },
    }));
    const moments = Object.fromEntries(log.map(([at, event]) => [event, at]));
    expect(moments['document-succeeded b']).toBe(20);
    expect(moments['document-succeeded a']).toBe(2020);
  });

  test('does not count a hinted wait as one of the retries, and waits at least that long', async () => {
    const verdicts = { a: [retryVerdict(7), retryVerdict(7), retryVerdict(7), retryVerdict(7), answer] };
    const { log } = await play(() => ({ inbox: inboxOf('a'), verdicts }));
    expect(log.at(-1)).toEqual([38_050, 'document-succeeded a']);
  });

  test('sends a document with a long hint away, and takes it back when it is due', async () => {
    const { log } = await play(() => ({ inbox: inboxOf('a'), verdicts: { a: [retryVerdict(3600), answer] } }));
    expect(log).toEqual([
      [0, 'document-queued a'],
      [0, 'attempt-started a'],
      [10, 'attempt-finished a 3600'],
      [10, 'document-pending a'],
      [3_600_010, 'document-queued a'],
      [3_600_010, 'attempt-started a'],
      [3_600_020, 'attempt-finished a null'],
      [3_600_020, 'document-succeeded a'],
    ]);
  });

  test('ends with such a document pending where the run does not wait for it', async () => {
    const settings = { waitsForParked: false };
    const { log } = await play(() => ({ inbox: inboxOf('a'), verdicts: { a: [retryVerdict(3600)] }, settings }));
    expect(log.at(-1)).toEqual([10, 'document-pending a']);
  });

  test('fails what cannot succeed at once, and goes on with the others', async () => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a', 'b'), verdicts: { a: [fail] } }));
    expect(log).toContainEqual([10, 'document-failed a fail']);
    expect(log).toContainEqual([10, 'document-succeeded b']);
    expect(running.asked).toEqual(['a', 'b']);
  });

  test('sends nothing of a document that cannot be read as text', async () => {
    const reading = { a: { kind: 'refused', code: 'not-text', reason: 'it is binary', sha256: null } } as const;
    const { log, running } = await play(() => ({ inbox: inboxOf('a'), reading }));
    expect(log.at(-1)).toEqual([0, 'document-failed a not-text']);
    expect(running.asked).toEqual([]);
    expect(running.outbox.reports.get('a')).toMatchObject({ code: 'not-text', attempts: [] });
  });

  test.each([
    { kind: 'gone', end: 'document-gone a' } as const,
    { kind: 'overtaken', reason: 'it changed while it was read', end: 'document-pending a' } as const,
  ])('sends nothing of a document that is $kind', async ({ end, ...outcome }) => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a'), reading: { a: outcome } }));
    expect(log.at(-1)).toEqual([0, end]);
    expect(running.asked).toEqual([]);
  });

  test('keeps a document in line while the account is refused, and goes on when it is accepted', async () => {
    const { log } = await play(
      () => ({ inbox: inboxOf('a', 'b'), concurrency: 1, verdicts: { a: [pauseAccount, answer] } }),
      ({ gate }, at) => at(60_000, () => gate.resume({ scope: 'account' })),
    );
    expect(log.slice(3)).toEqual([
      [10, 'gate-paused account'],
      [10, 'attempt-finished a 0'],
      [60_000, 'gate-resumed account'],
      [60_000, 'attempt-started a'],
      [60_010, 'attempt-finished a null'],
      [60_010, 'document-succeeded a'],
      [60_010, 'attempt-started b'],
      [60_020, 'attempt-finished b null'],
      [60_020, 'document-succeeded b'],
    ]);
  });

  test('closing the gate leaves what was not sent pending, and files what is in flight', async () => {
    const { log, running } = await play(
      () => ({ inbox: inboxOf('a', 'b', 'c'), concurrency: 1, verdicts: { a: [retryVerdict()] }, callMs: 100 }),
      ({ gate }, at) => at(150, () => gate.close('signal')),
    );
    expect(perMoment(log.slice(4))).toEqual([
      [100, 'attempt-finished a 2'],
      [100, 'attempt-started b'],
      [150, 'document-pending a'],
      [150, 'document-pending c'],
      [200, 'attempt-finished b null'],
      [200, 'document-succeeded b'],
    ]);
    expect(running.asked).toEqual(['a', 'b']);
  });

  test('cutting off ends calls in flight as in doubt', async () => {
    const { log } = await play(
      () => ({ inbox: inboxOf('a'), callMs: 10_000 }),
      ({ gate }, at) => {
        at(100, () => gate.close('signal'));
        at(200, () => gate.cut());
      },
    );
    expect(log.at(-1)).toEqual([200, 'document-pending a']);
    expect(log.at(-2)?.[1]).toMatch(/attempt-finished a/);
  });

  test('holds an answer while the disk refuses it, sends nothing meanwhile, and files it when there is room', async () => {
    const { log, running } = await play(
      () => ({ inbox: inboxOf('a', 'b'), concurrency: 1 }),
      ({ outbox }) => {
        outbox.refusals = 3;
      },
    );
    // `b` may have come before the gate, and goes back in line.
    const rest = log.slice(3).filter(([, event]) => event !== 'document-queued b');
    expect(perMoment(rest)).toEqual([
      [10, 'attempt-finished a null'],
      [10, 'gate-paused disk'],
      [3010, 'attempt-started b'],
      [3010, 'document-succeeded a'],
      [3010, 'gate-resumed disk'],
      [3020, 'attempt-finished b null'],
      [3020, 'document-succeeded b'],
    ]);
    expect(running.outbox.results.size).toBe(2);
  });

  test('sends nothing while the disk does not say what is done, and decides again when it does', async () => {
    const { log, running } = await play(
      (clock) => {
        const [a, b] = [seen('a'), seen('b', 1, false)];
        return {
          inbox: timeline(
            clock,
            [
              [0, a],
              [2001, b],
              [6002, a],
              [6002, b],
            ],
            6002,
          ),
        };
      },
      ({ outbox }, at) => {
        const resultOf = outbox.resultOf.bind(outbox);
        let isGone = true;
        at(5000, () => {
          isGone = false;
        });
        Object.assign(outbox, {
          resultOf: (place: ResultPlace) => {
            if (isGone) throw new DiskError('the outbox is gone');
            return resultOf(place);
          },
        });
      },
    );
    expect(log.slice(0, 3)).toEqual([
      [0, 'document-pending a'],
      [0, 'gate-paused disk'],
      [5000, 'gate-resumed disk'],
    ]);
    expect(running.asked).toEqual(['a', 'b']);
  });

  test('fails a document whose result has no place before it is asked, and no other', async () => {
    const { log, running } = await play(
      () => ({ inbox: inboxOf('a', 'b') }),
      ({ outbox }) => void outbox.conflicts.set('a', 'A folder stands there.'),
    );
    expect(log.map(([, event]) => event)).toContain('document-failed a path-barred');
    expect(log.map(([, event]) => event)).not.toContain('gate-paused disk');
    expect(running.asked).toEqual(['b']);
  });

  test('takes five refused first attempts for a mistake of configuration, and their failures back', async () => {
    const refused = Object.fromEntries(ids(8).map((id) => [id, [refusedRequest]]));
    const { log, running } = await play(
      () => ({ inbox: inboxOf(...ids(8)), concurrency: 1, verdicts: refused }),
      ({ gate }, at) => at(5000, () => gate.close('model')),
    );
    expect(running.asked).toEqual(ids(5));
    expect(running.outbox.reports.size).toBe(0);
    expect(log).toContainEqual([50, 'gate-paused model']);
    expect(log.filter(([, event]) => event.startsWith('document-reopened'))).toHaveLength(4);
    expect(log.filter(([, event]) => event.startsWith('document-pending'))).toHaveLength(4);
  });

  test('fails documents that are refused when others of the model were answered', async () => {
    const refused = Object.fromEntries(
      ids(8)
        .slice(1)
        .map((id) => [id, [refusedRequest]]),
    );
    const { running } = await play(() => ({ inbox: inboxOf(...ids(8)), concurrency: 1, verdicts: refused }));
    expect(running.outbox.reports.size).toBe(7);
  });

  test('asks a document that changed while it was asked again, after the first answer is filed', async () => {
    const { log, running } = await play((clock) => ({
      inbox: timeline(
        clock,
        [
          [0, seen('a', 1)],
          [3, seen('a', 2, false)],
        ],
        5,
      ),
    }));
    expect(log.filter(([, event]) => event === 'document-succeeded a')).toEqual([
      [10, 'document-succeeded a'],
      [20, 'document-succeeded a'],
    ]);
    expect(await running.ledger.version('a', 'a#2')).toMatchObject({ state: 'done' });
  });

  test('sees a scan of what it is busy with as nothing new', async () => {
    const { running } = await play((clock) => ({
      inbox: timeline(
        clock,
        [
          [0, seen('a')],
          [3, seen('a', 1, false)],
          [20, seen('a', 1, false)],
        ],
        22,
      ),
    }));
    expect(running.asked).toEqual(['a']);
  });

  test('takes no more work than its limit', async () => {
    const { running } = await play(() => ({ inbox: inboxOf(...ids(9)), settings: { limit: 5 } }));
    expect(running.asked).toEqual(ids(5));
  });

  test('keeps a mistake of its own to the document that it shows with', async () => {
    const broken = {
      ...document('a'),
      get size(): number {
        throw new TypeError('not a number');
      },
    };
    const { log } = await play(() => ({
      inbox: from([seen('b')]),
      reading: { b: { kind: 'read', content: { document: broken, sha256: 'x', files: [] } } },
    }));
    expect(log.at(-1)).toEqual([0, 'document-failed b unexpected']);
  });

  test('leaves a document pending, not failed, where the API was never reached', async () => {
    const unreachable = { a: [{ ...retryVerdict(), counts: true }] } as const;
    const { log, running } = await play(() => ({ inbox: inboxOf('a'), verdicts: unreachable, unreachable: true }));
    expect(log.at(-1)).toEqual([6030, 'document-pending a']);
    expect(running.outbox.reports.size).toBe(0);
  });

  test('fails a document for a mistake of the program that showed after it was paid for, so that it is paid for once', async () => {
    const { log, running } = await play(
      (clock) => ({
        inbox: timeline(
          clock,
          [
            [0, seen('a')],
            [51, seen('a', 1, false)],
          ],
          102,
        ),
      }),
      ({ outbox }) => {
        outbox.broken = true;
      },
    );
    expect(log.filter(([, event]) => event.startsWith('document-failed'))).toEqual([
      [10, 'document-failed a unexpected'],
    ]);
    expect(running.asked).toEqual(['a']);
  });

  test('keeps a recipe that cannot be chosen to its document', async () => {
    const { log } = await play(() => ({ inbox: inboxOf('a', 'b'), noRecipeFor: 'a' }));
    expect(log).toContainEqual([0, 'document-pending a']);
    expect(log.at(-1)).toEqual([10, 'document-succeeded b']);
  });

  test('takes a document that a hint shows during the first scan once, also where all are to be redone', async () => {
    const { log, running } = await play((clock) => ({
      inbox: timeline(
        clock,
        [
          [0, seen('a', 1, false)],
          [51, seen('a', 1, true)],
          [52, { type: 'scan-finished', initial: true, documents: 1, settling: 0, ignored: {}, seconds: 1 }],
        ],
        103,
      ),
      settings: { redo: 'all' },
    }));
    expect(running.asked).toEqual(['a']);
    expect(log.map(([, event]) => event)).not.toContain('document-skipped a');
  });

  test('counts a call that a mistake of the program lost as one that may have been billed, and asks no more than so often', async () => {
    const { log, running } = await play(() => ({ inbox: inboxOf('a'), broken: true }));
    expect(running.asked).toEqual(['a', 'a', 'a']);
    expect(log.at(-1)?.[1]).toBe('document-failed a in-doubt');
    expect(running.outbox.reports.get('a')?.attempts).toMatchObject([
      { code: 'unexpected', billing: 'in doubt' },
      { code: 'unexpected' },
      { code: 'unexpected' },
    ]);
  });

  test('records an attempt, its end, and the document, in this order, and an answer before its result', async () => {
    const { running } = await play(() => ({ inbox: inboxOf('a'), verdicts: { a: [retryVerdict(), answer] } }));
    expect(running.ledger.written).toEqual(['begin a 1', 'end a 1', 'begin a 2', 'end a 2', 'done a']);
  });

  test('sends nothing while the ledger refuses, and goes on when it does not', async () => {
    const { log, running } = await play(
      () => ({ inbox: inboxOf('a') }),
      ({ ledger }) => {
        ledger.refusals = 3;
      },
    );
    expect(log.slice(0, 4)).toEqual([
      [0, 'document-queued a'],
      [0, 'gate-paused disk'],
      [3000, 'gate-resumed disk'],
      [3000, 'attempt-started a'],
    ]);
    expect(running.asked).toEqual(['a']);
  });

  test('counts attempts of the run before, and asks what it did not try first', async () => {
    const { running: before } = await play(
      () => ({ inbox: inboxOf('a'), verdicts: { a: [retryVerdict()] } }),
      ({ gate }, at) => at(2100, () => gate.close('signal')),
    );
    const finished = {
      type: 'scan-finished',
      initial: true,
      documents: 2,
      settling: 0,
      ignored: {},
      seconds: 1,
    } as const;
    const { log, running } = await play(() => ({
      inbox: from([seen('a'), seen('b'), finished]),
      ledger: before.ledger,
      concurrency: 1,
      verdicts: { a: [retryVerdict()] },
    }));
    expect(before.asked).toEqual(['a', 'a']);
    expect(running.asked).toEqual(['b', 'a']);
    expect(log.at(-1)?.[1]).toBe('document-failed a retries-used-up');
  });

  test('stops asking where the rest of a budget does not cover one more call, and loses nothing', async () => {
    // Each call costs a cent.
    const budget = new Budget({ limitUsd: 0.05, spentUsd: 0.005, perDay: false, wall: () => 0 });
    const { log, running } = await play(
      () => ({ inbox: inboxOf(...ids(20)), concurrency: 5, budget }),
      ({ gate }, at) => at(1000, () => gate.close('budget')),
    );
    const count = (what: string) => log.filter(([, event]) => event.startsWith(what)).length;
    expect(log.map(([, event]) => event)).toContain('gate-paused budget');
    expect([count('document-succeeded'), count('document-pending')]).toEqual([4, 16]);
    expect(running.most()).toBe(4);
    expect(budget.spentUsd).toBe(0.045);
  });
});
