import { describe, expect, test } from '@jest/globals';
import { defer, type Observable, timer } from 'rxjs';
import type { Verdict } from '../../src/domain/attempt.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import { Pacer } from '../../src/gate/rate-limit.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { ANSWER, Documents, type Way, withDocuments } from './documents.ts';
import { ANY, call, fresh, other, retry, tooManyAtOnce, withGate } from './with-gate.ts';

const MODEL = { scope: 'model', model: 'model' } as const;
const OTHER_MODEL = { ...MODEL, model: 'other' };

function ampleBudget(): Budget {
  return new Budget({ limitUsd: 1000, spentUsd: 0, perDay: false, wall: () => 0 });
}

function pacerOf(callsPerMinute: number): Pacer {
  return new Pacer({ callsPerMinute, tokensPerMinute: null, recent: [], now: 0 });
}

const throws = (): never => {
  throw new Error('a mistake');
};

describe('seat and permit come back', () => {
  test.each<readonly [string, (gate: GateControl) => Observable<unknown>]>([
    ['where the work cannot even begin', (gate) => gate.admit(fresh, throws)],
    ['where the call cannot even begin', (gate) => gate.admit(fresh, (seat) => seat.fly(throws))],
    ['where the work fails before its call', (gate) => gate.admit(fresh, () => defer(throws))],
  ])('%s', (_, mistaken) => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(mistaken(gate)).toBe('#', {}, new Error('a mistake'));
      expectObservable(call(gate, fresh, cold('-a|'))).toBe('-a|');
      expectObservable(call(gate, fresh, cold('-b|'))).toBe('---b|');
    });
  });
});

/** What becomes of a document that is ready at 10, while the model cools until 1504, and when. */
function cooled(budget: Budget | null, act: (gate: GateControl) => void, later: Verdict): [number, string] | null {
  let seen: [number, string] | null = null;
  const { scheduler, clock } = virtualTime();
  scheduler.run(() => {
    const gate = createGate({ ...ANY, budget, clock });
    const documents = new Documents(gate);
    documents.one({ callMs: 4, verdict: retry('model', 1.5) }).subscribe();
    documents.one({ callMs: 100, verdict: later }).subscribe();
    documents.one({ readyMs: 10 }).subscribe((became) => (seen = [scheduler.now(), became]));
    timer(100).subscribe(() => act(gate));
  });
  return seen;
}

const nothing = (): void => undefined;

describe('what is ready when nothing may start for a while', () => {
  test.each<readonly [string, (gate: GateControl) => void, Verdict, number, string]>([
    ['starts when that is over, though nothing else happens then', nothing, ANSWER, 1509, 'answered'],
    ['is sent back where the API then asks for more', nothing, retry('model', 60), 100, 'sent back'],
    ['is sent back where the disk is full', (gate) => gate.pause({ scope: 'disk' }, ''), ANSWER, 100, 'sent back'],
    ['is sent back where its model is gone', (gate) => gate.pause(MODEL, ''), ANSWER, 100, 'sent back'],
    ['stays where another model is gone', (gate) => gate.pause(OTHER_MODEL, ''), ANSWER, 1509, 'answered'],
    ['is sent back where the run ends', (gate) => gate.close('signal'), ANSWER, 100, 'sent back'],
  ])('%s', (_, act, later, at, what) => {
    // With a budget it waits for leave to reserve, and without one for leave to fly.
    expect(cooled(ampleBudget(), act, later)).toEqual([at, what]);
    expect(cooled(null, act, later)).toEqual([at, what]);
  });

  test('is read again where one wait after another came to more than two seconds', () => {
    withDocuments({ budget: ampleBudget() }, (documents, _, at) => {
      documents.send(1, { callMs: 4, verdict: retry('model', 1.5) });
      documents.send(1, { callMs: 1400, verdict: retry('model', 1.5) });
      documents.send(1, { readyMs: 10, callMs: 100 });
      at(2899, () => expect([documents.seats, documents.reserved]).toEqual([3, 2]));
      at(2950, () => expect([documents.seats, documents.reserved, documents.flying]).toEqual([4, 3, 1]));
    });
  });

  test('takes neither money nor rates meanwhile', () => {
    withDocuments({ budget: ampleBudget() }, (documents, _, at) => {
      documents.send(1, { callMs: 4, verdict: retry('model', 1.5) });
      documents.send(3, { readyMs: 10, callMs: 1000 });
      at(1503, () => expect([documents.seats, documents.reserved]).toEqual([4, 1]));
      // One after another, each with its call.
      at(1510, () => expect([documents.reserved, documents.flying]).toEqual([2, 1]));
      at(1560, () => expect([documents.reserved, documents.flying]).toEqual([3, 2]));
    });
  });
});

describe('what is ready', () => {
  test('takes no money where fewer calls than thought may be in flight', () => {
    withDocuments({ concurrency: 4, budget: ampleBudget() }, (documents, _, at) => {
      documents.send(1, { callMs: 3000 });
      documents.send(1, { callMs: 1000, verdict: tooManyAtOnce });
      at(995, () => documents.send(2, { readyMs: 10, callMs: 3000 }));
      at(1010, () => expect([documents.seats, documents.reserved, documents.flying]).toEqual([4, 3, 2]));
    });
  });

  test('makes no others ready for the time that it waited', () => {
    withDocuments({ budget: ampleBudget() }, (documents, _, at) => {
      documents.send(1, { callMs: 300, verdict: retry('model', 1.5) });
      documents.send(1, { readyMs: 301, callMs: 300 });
      at(2200, () => documents.send(40, { callMs: 5000 }));
      at(4000, () => expect([documents.seats - 2, documents.flying]).toEqual([12, 10]));
    });
  });
});

describe('while calls go out one at a time, to see', () => {
  /** A call takes ten times as long as getting ready: two of ten would be ready beyond those in flight. */
  const way: Way = { readyMs: 20, callMs: 200 };

  test('nothing else gets ready after a pause', () => {
    withDocuments({}, (documents, gate, at) => {
      documents.send(100, way);
      at(1000, () => gate.pause({ scope: 'account' }, ''));
      at(1900, () => expect(documents.flying).toBe(0));
      let before = 0;
      at(2000, () => {
        before = documents.seats;
        gate.resume({ scope: 'account' });
      });
      at(2219, () => expect([documents.seats - before, documents.flying]).toEqual([1, 1]));
      at(2400, () => expect(documents.flying).toBe(10));
    });
  });

  describe.each([
    ['where nothing else bounds calls', () => ({})],
    ['where a budget does', () => ({ budget: ampleBudget() })],
    ['where a rate does', () => ({ pacer: pacerOf(60_500) })],
  ])('nobody keeps a seat in a storm, and another model has them: %s', (_, boundsOf) => {
    test.each([
      ['of those that are ready when it begins; four are in flight', 4, 4],
      ['of those that get ready in it', 100, 1],
    ])('%s', (__, readyMs, flying) => {
      withDocuments({ concurrency: 5, ...boundsOf() }, (documents, gate, at) => {
        const others = new Documents(gate);
        const verdict = retry('document', null);
        documents.send(26, { readyMs: 4, callMs: 4, verdict });
        documents.send(70, { readyMs, callMs: 40_000, verdict });
        at(1000, () => others.send(9, { ticket: other, callMs: 10_000 }));
        at(1010, () => expect([documents.flying, others.flying]).toEqual([flying, 5 - flying]));
      });
    });
  });
});

describe('where a rate is what holds calls back', () => {
  const TOO_FAST: Verdict = { kind: 'retry', cools: 'model', hintSeconds: 1, counts: false, limit: 'rate' };

  test.each([
    [605, 20, 1],
    [605, 350, 4],
    [30, 20, 1],
    [30, 350, 1],
  ])('%d calls a minute, ready in %d ms: %d are ready at once, and none waits', (rate, readyMs, ready) => {
    withDocuments({ pacer: pacerOf(rate), concurrency: 50 }, (documents, _, at) => {
      documents.send(1000, { readyMs, callMs: 200 });
      at(30_000, () => {
        expect(documents.mostReady).toBeLessThanOrEqual(ready);
        expect(documents.longestWaitMs).toBeLessThan(2000);
        expect(documents.calls).toBeGreaterThan(rate * 0.45 - 2);
      });
    });
  });

  test('one that was learned makes ready only what is about to start', () => {
    withDocuments({}, (documents, gate, at) => {
      const next = new Documents(gate);
      documents.send(1, { callMs: 4, verdict: TOO_FAST });
      at(100, () => next.send(100, { readyMs: 10, callMs: 100 }));
      at(10_000, () => expect([next.mostReady, next.calls]).toEqual([1, 9]));
    });
  });

  test('one that was learned does not send documents back and forth where getting ready took long', () => {
    withDocuments({ concurrency: 2 }, (documents, _, at) => {
      documents.send(1, { readyMs: 6000, verdict: { ...TOO_FAST, hintSeconds: 10 } });
      at(6100, () => documents.send(1, { readyMs: 1 }));
      at(16_000, () => expect([documents.seats, documents.calls]).toEqual([2, 1]));
      at(16_010, () => expect([documents.seats, documents.calls]).toEqual([2, 2]));
    });
  });
});
