import { describe, expect, test } from '@jest/globals';
import { toArray } from 'rxjs';
import type { Verdict } from '../../src/domain/attempt.ts';
import { consequence } from '../../src/stages/consequence.ts';
import { newWork, type Step, type Work } from '../../src/stages/work.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { document, outcomeOf, retryVerdict } from './in-memory.ts';
import { content, portsInMemory, recordOfA, settingsBy } from './ports-in-memory.ts';

/** What follows from an attempt at document `a` that came to this. */
function afterAttempt(verdict: Verdict, work: Partial<Work> = {}): readonly Step[] {
  const { clock } = virtualTime();
  const ruling = { model: 'model', outcome: outcomeOf(1, verdict, 'the answer'), reopen: [] };
  let steps: readonly Step[] = [];
  consequence(
    portsInMemory(clock),
    settingsBy(clock),
    { ...newWork(document('a'), false), ...work },
    { kind: 'ended', content, at: 0, ruling },
  )
    .pipe(toArray())
    .subscribe((all) => (steps = all));
  return steps;
}

const hinted = retryVerdict(1);

describe('a document that was only touched', () => {
  test.each([
    ['done', 'document-skipped'],
    ['failed', 'document-failed'],
  ] as const)('stays %s, and is remembered with its new mtime', (state, type) => {
    const { clock } = virtualTime();
    const ports = portsInMemory(clock);
    const touched = { ...content, document: document('a', 2) };
    const turn = { kind: 'known', content: touched, record: recordOfA({ state }) } as const;
    let steps: readonly Step[] = [];
    consequence(ports, settingsBy(clock), newWork(touched.document, false), turn)
      .pipe(toArray())
      .subscribe((all) => (steps = all));

    expect(steps).toMatchObject([{ event: { type, id: 'a' } }]);
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state, size: 2, mtimeMs: 2 }));
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
      expect(afterAttempt(verdict, before)[0]?.event).toMatchObject({ retryInSeconds: wait });
    },
  );

  test('that is longer than a minute is spent outside the stream', () => {
    const [finished, away] = afterAttempt(retryVerdict(61));
    expect(finished?.next).toBeUndefined();
    expect(away).toMatchObject({ event: { type: 'document-pending' }, next: { afterMs: 61_000 } });
  });
});

describe('no further attempt follows', () => {
  test.each([
    ['the retries are used up', { counted: 2, uncounted: 0 }, retryVerdict()],
    ['a hundred were made that do not count', { counted: 0, uncounted: 99 }, hinted],
  ])('where %s', (_, before, verdict) => {
    expect(afterAttempt(verdict, before).map(({ event }) => event)).toMatchObject([
      { type: 'attempt-finished', retryInSeconds: null },
      { type: 'document-failed', code: 'retries-used-up', reason: expect.stringContaining('it ended in retry') },
    ]);
  });
});

test('a pause counts neither as a retry nor as a wait', () => {
  const [step] = afterAttempt({ kind: 'pause', scope: 'account' }, { counted: 2, uncounted: 9 });
  expect(step?.next).toMatchObject({ afterMs: 0, item: { counted: 2, uncounted: 9 } });
});
