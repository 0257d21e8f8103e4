import { describe, expect, test } from '@jest/globals';
import { NEVER, toArray } from 'rxjs';
import type { AttemptRecord, Verdict } from '../../src/domain/attempt.ts';
import type { VersionRecord } from '../../src/domain/ledger.ts';
import { consequence } from '../../src/pipeline/apply-outcome.ts';
import type { Turn } from '../../src/pipeline/call-outcome.ts';
import type { AskSettings } from '../../src/pipeline/context.ts';
import { newWork, type Step } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answer, document, outcomeOf, pauseAccount, plainAnswer, retryVerdict } from './in-memory.ts';
import { content, type PortsInMemory, portsInMemory, question, recordOfA, settingsBy } from './ports-in-memory.ts';

/** What follows from a turn of document `a`. */
function after(
  turn: Turn,
  settings: Partial<AskSettings> = {},
): { readonly steps: readonly Step[]; readonly ports: PortsInMemory } {
  const { clock } = virtualTime();
  const ports = portsInMemory(clock);
  let steps: readonly Step[] = [];
  consequence(ports, settingsBy(clock, settings), newWork(document('a')), turn)
    .pipe(toArray())
    .subscribe((all) => (steps = all));
  return { steps, ports };
}

/** What follows from an attempt that came to this, after so many others. */
function afterAttempt(verdict: Verdict, before = { counted: 0, uncounted: 0 }, settings: Partial<AskSettings> = {}) {
  const attempts = [
    ...Array.from({ length: before.counted }, (_, index) => outcomeOf(index + 1, retryVerdict(), '').record),
    ...Array.from({ length: before.uncounted }, (_, index) => outcomeOf(index + 50, retryVerdict(1), '').record),
  ];
  const outcome = outcomeOf(200, verdict, 'the answer');
  const ruling = { model: 'model', outcome, reopen: [] };
  const heard = { outcome, answer: verdict.kind === 'answer' ? plainAnswer('the answer') : null, kept: null };
  const work = { ...newWork(document('a')), attempts, startedAt: 0 };
  return after({ kind: 'ended', question, work, ruling, heard }, settings);
}

const hinted = retryVerdict(1);

describe('a document that was only touched', () => {
  const version: VersionRecord = {
    state: 'done',
    api: 'api',
    recipe: 'recipe',
    code: null,
    reason: null,
    attempts: [],
    lastNumber: 1,
    lastBilling: 'known',
  };

  test.each([
    ['done', 'recipe', { type: 'document-skipped', stale: false }],
    ['done', 'older', { type: 'document-skipped', stale: true }],
    ['failed', 'recipe', { type: 'document-failed', earlier: true }],
    ['held', 'recipe', { type: 'document-held', earlier: true }],
  ] as const)('stays %s (made with the %s), and is remembered with its new mtime', (state, recipe, told) => {
    const turn = { kind: 'known', question, version: { ...version, state, recipe } } as const;
    const { steps, ports } = after(turn);
    expect(steps).toMatchObject([{ event: { id: 'a', ...told } }]);
    expect(ports.ledger.written).toEqual(['touch a']);
  });

  test('leaves the inbox where its answer is filed and inputs are to go', () => {
    const turn = { kind: 'known', question, version } as const;
    expect(after(turn, { after: 'archive' }).steps.map(({ event }) => event.type)).toEqual([
      'document-skipped',
      'document-departed',
    ]);
    expect(after({ ...turn, version: { ...version, state: 'failed' } }, { after: 'archive' }).steps).toHaveLength(1);
  });
});

describe('an answer', () => {
  test('is in the ledger before its result is filed', () => {
    const { ports } = afterAttempt(answer);
    expect(ports.ledger.written).toEqual(['end a 200', 'done a']);
    expect(ports.ledger.answer('fingerprint of a')?.text).toBe('the answer');
  });

  test('that the ledger held is filed as reused', () => {
    const { record } = outcomeOf(1, answer, 'kept');
    const kept = { ...plainAnswer('kept'), document: 'b', attempt: record };
    const { steps, ports } = after({ kind: 'answered', question, answer: kept, attempts: [] });
    expect(steps).toMatchObject([{ event: { type: 'document-reused', result: 'a.md', from: 'b' } }]);
    expect(ports.outbox.results.get('a')).toBe('kept');
    expect(ports.ledger.recall('a')).toEqual(recordOfA());
  });
});

describe('the wait for another attempt', () => {
  test.each([
    [{ counted: 0, uncounted: 0 }, retryVerdict(), 2],
    [{ counted: 1, uncounted: 0 }, retryVerdict(), 4],
    [{ counted: 0, uncounted: 1 }, hinted, 4],
    [{ counted: 0, uncounted: 4 }, hinted, 32],
    [{ counted: 0, uncounted: 5 }, hinted, 64],
    [{ counted: 0, uncounted: 50 }, hinted, 64],
    [{ counted: 0, uncounted: 0 }, retryVerdict(7), 7],
  ])(
    'grows with the attempts before, %j, but those that do not count let it grow so far only',
    (before, verdict, wait) => {
      expect(afterAttempt(verdict, before).steps[0]?.event).toMatchObject({ retryInSeconds: wait });
    },
  );

  test('that is longer than a minute is spent outside the stream, and noted in the ledger', () => {
    const { steps, ports } = afterAttempt(retryVerdict(61));
    expect(steps[0]?.next).toBeUndefined();
    expect(steps[1]).toMatchObject({ event: { type: 'document-pending', dueAt: 61_000 }, next: { after: 61_000 } });
    expect(ports.ledger.recall('a')).toMatchObject({ state: 'pending', dueAt: 61_000 });
  });

  test('is for the answer of another document where the same is being asked', () => {
    const landing = NEVER;
    expect(after({ kind: 'same', landing }).steps).toMatchObject([
      { event: { type: 'document-waiting', id: 'a' }, next: { after: landing } },
    ]);
  });
});

describe('no further attempt follows', () => {
  test.each([
    ['the retries are used up', { counted: 2, uncounted: 0 }, retryVerdict()],
    ['a hundred were made that do not count', { counted: 0, uncounted: 99 }, hinted],
  ])('where %s', (_, before, verdict) => {
    expect(afterAttempt(verdict, before).steps.map(({ event }) => event)).toMatchObject([
      { type: 'attempt-finished', retryInSeconds: null },
      { type: 'document-failed', code: 'retries-used-up', reason: expect.stringContaining('it ended in retry') },
    ]);
  });

  test('where earlier runs left none: the document is held or fails, as the rule says', () => {
    const work = newWork(document('a'));
    const held = { state: 'held', code: 'in-doubt', reason: 'it may have been billed' } as const;
    const { steps, ports } = after({ kind: 'given up', question, work, why: held });
    expect(steps).toMatchObject([{ event: { type: 'document-held', code: 'in-doubt', earlier: false } }]);
    expect(ports.ledger.recall('a')?.state).toBe('held');

    const failed = after({ kind: 'given up', question, work, why: { ...held, state: 'failed' } });
    expect(failed.steps).toMatchObject([{ event: { type: 'document-failed', code: 'in-doubt' } }]);
    expect(failed.ports.outbox.reports.has('a')).toBe(true);
  });

  test('where it may have been billed and the person wants it held', () => {
    const doubtful: Partial<AttemptRecord> = { billing: 'in doubt', counts: true };
    const outcome = outcomeOf(1, retryVerdict(), '');
    const heard = { outcome, answer: null, kept: null };
    const ruling = { model: 'model', outcome: { ...outcome, record: { ...outcome.record, ...doubtful } }, reopen: [] };
    const turn = { kind: 'ended', question, work: newWork(document('a')), ruling, heard } as const;
    expect(after(turn, { inDoubt: 'hold' }).steps.at(-1)?.event.type).toBe('document-held');
    expect(after(turn).steps.at(-1)?.event).toMatchObject({ type: 'attempt-finished', retryInSeconds: 2 });
  });
});

test('a pause counts neither as a retry nor as a wait', () => {
  const before = { counted: 2, uncounted: 9 };
  const [step] = afterAttempt(pauseAccount, before).steps;
  const attempts = step?.next?.item.attempts ?? [];
  expect(step?.next?.after).toBe(0);
  expect(attempts.filter(({ counts }) => counts)).toHaveLength(2);
  expect(attempts.filter(({ counts, verdict }) => !counts && verdict === 'retry')).toHaveLength(9);
});

test('a document that was never sent is pending', () => {
  expect(after({ kind: 'unsent' }).steps).toMatchObject([{ event: { type: 'document-pending', id: 'a' } }]);
  expect(content.document.id).toBe('a');
});

describe('a document that was called back', () => {
  const work = { ...newWork(document('a')), startedAt: 0 };

  test('stands in line again', () => {
    const { steps, ports } = after({ kind: 'recalled', question, work, begun: null });
    expect(steps).toMatchObject([{ event: { type: 'document-queued', id: 'a' }, next: { item: work, after: 0 } }]);
    expect(ports.ledger.written).toEqual([]);
  });

  test('is remembered as not sent where its attempt was recorded already, which counts for nothing', () => {
    const begun = { number: 3, startedAt: '2026-01-01T00:00:00.000Z', anew: false };
    const { steps, ports } = after({ kind: 'recalled', question, work, begun });
    expect(steps).toMatchObject([{ next: { item: { lastNumber: 3, attempts: [] }, after: 0 } }]);
    expect(ports.ledger.written).toEqual(['end a 3']);
  });
});

test('a document whose call is beyond the whole budget fails, and says what to do', () => {
  const { steps, ports } = after({ kind: 'unaffordable', question, worstUsd: 1.5 });
  expect(steps).toMatchObject([{ event: { type: 'document-failed', id: 'a', code: 'over-budget' } }]);
  expect(ports.outbox.reports.get('a')?.reason).toContain('1.5000 USD');
});
