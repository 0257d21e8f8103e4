import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../src/domain/attempt.ts';
import type { Slot } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { ConfiguredRate } from '../../src/gate/configured-rate.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import { playInVirtualTime } from '../support/virtual-time.ts';
import { Documents, type Way, withDocuments } from './documents.ts';
import { ANSWER, ANY, other, retry, tooManyAtOnce, withGate } from './with-gate.ts';

const MODEL = { scope: 'model', model: 'model' } as const;
const OTHER_MODEL = { ...MODEL, model: 'other' };

function ampleBudget(): Budget {
  return new Budget({ limitUsd: 1000, spentUsd: 0, perDay: false, wall: () => 0 });
}

function configuredRateOf(callsPerMinute: number): ConfiguredRate {
  return new ConfiguredRate({ callsPerMinute, tokensPerMinute: null, recent: [], now: 0 });
}

const throws = (): never => {
  throw new Error('a mistake');
};

describe('a slot comes back', () => {
  test.each<readonly [string, (slot: Slot) => Promise<unknown>]>([
    ['if the call cannot even begin', (slot) => slot.call(throws)],
    ['if the call fails', (slot) => slot.call(() => Promise.reject(new Error('a mistake')))],
    ['if the work fails before its call', () => Promise.reject(new Error('a mistake'))],
  ])('%s', async (_, mistaken) => {
    const became = await withGate({ concurrency: 1 }, (calls) => {
      void calls.hold('', {}, (slot) => expect(mistaken(slot)).rejects.toThrow('a mistake'));
      calls.make('a', { ms: 2 });
      calls.make('b', { ms: 2 });
    });
    expect(became).toEqual({ a: [0, 2], b: [2, 4] });
  });
});

/** What becomes of a document that is ready at 10, while the model cools until 1504, and when. */
async function cooled(budget: Budget | null, act: (gate: GateControl) => void, later: Verdict): Promise<unknown> {
  let seen: unknown = null;
  await playInVirtualTime((time) => {
    const gate = createGate({ ...ANY, budget, clock: time.clock });
    const documents = new Documents(gate, time);
    void documents.one({ callMs: 4, verdict: retry('model', 1.5) });
    void documents.one({ callMs: 100, verdict: later });
    void documents.one({ readyMs: 10 }).then((became) => (seen = [time.clock.now(), became]));
    time.schedule(() => act(gate), 100);
  });
  return seen;
}

const nothing = (): void => undefined;

describe('what is ready when nothing may start for a while', () => {
  test.each<readonly [string, (gate: GateControl) => void, Verdict, number, string]>([
    ['starts when that is over, though nothing else happens then', nothing, ANSWER, 1509, 'answered'],
    ['is sent back if the API then asks for more', nothing, retry('model', 60), 100, 'sent back'],
    ['is sent back if the disk is full', (gate) => gate.pause({ scope: 'disk' }, ''), ANSWER, 100, 'sent back'],
    ['is sent back if its model is gone', (gate) => gate.pause(MODEL, ''), ANSWER, 100, 'sent back'],
    ['stays if another model is gone', (gate) => gate.pause(OTHER_MODEL, ''), ANSWER, 1509, 'answered'],
    ['is sent back if the run ends', (gate) => gate.close('signal'), ANSWER, 100, 'sent back'],
  ])('%s', async (_, act, later, at, what) => {
    // With a budget it waits for its reservation, and without one for its call.
    expect(await cooled(ampleBudget(), act, later)).toEqual([at, what]);
    expect(await cooled(null, act, later)).toEqual([at, what]);
  });

  test('is read again if one wait after another came to more than two seconds', async () => {
    await withDocuments({ budget: ampleBudget() }, (documents, _, time) => {
      documents.send(1, { callMs: 4, verdict: retry('model', 1.5) });
      documents.send(1, { callMs: 1400, verdict: retry('model', 1.5) });
      documents.send(1, { readyMs: 10, callMs: 100 });
      time.schedule(() => expect([documents.slots, documents.reserved]).toEqual([3, 2]), 2899);
      time.schedule(() => expect([documents.slots, documents.reserved, documents.inFlight]).toEqual([4, 3, 1]), 2950);
    });
  });

  test('takes neither money nor rates meanwhile', async () => {
    await withDocuments({ budget: ampleBudget() }, (documents, _, time) => {
      documents.send(1, { callMs: 4, verdict: retry('model', 1.5) });
      documents.send(3, { readyMs: 10, callMs: 1000 });
      time.schedule(() => expect([documents.slots, documents.reserved]).toEqual([4, 1]), 1503);
      // One after another, each with its call.
      time.schedule(() => expect([documents.reserved, documents.inFlight]).toEqual([2, 1]), 1510);
      time.schedule(() => expect([documents.reserved, documents.inFlight]).toEqual([3, 2]), 1560);
    });
  });
});

describe('what is ready', () => {
  test('takes no money if fewer calls than thought may be in flight', async () => {
    await withDocuments({ concurrency: 4, budget: ampleBudget() }, (documents, _, time) => {
      documents.send(1, { callMs: 3000 });
      documents.send(2, { callMs: 1000, verdict: tooManyAtOnce });
      time.schedule(() => documents.send(2, { readyMs: 10, callMs: 3000 }), 995);
      time.schedule(() => expect([documents.slots, documents.reserved, documents.inFlight]).toEqual([5, 3, 1]), 1010);
    });
  });

  test('makes no others ready for the time that it waited', async () => {
    await withDocuments({ budget: ampleBudget() }, (documents, _, time) => {
      documents.send(1, { callMs: 300, verdict: retry('model', 1.5) });
      documents.send(1, { readyMs: 301, callMs: 300 });
      time.schedule(() => documents.send(40, { callMs: 5000 }), 2200);
      time.schedule(() => expect([documents.slots - 2, documents.inFlight]).toEqual([12, 10]), 4000);
    });
  });
});

describe('while calls go out one at a time, to see', () => {
  /** A call takes ten times as long as getting ready: two of ten would be ready beyond those in flight. */
  const way: Way = { readyMs: 20, callMs: 200 };

  test('nothing else gets ready after a pause', async () => {
    await withDocuments({}, (documents, gate, time) => {
      documents.send(100, way);
      time.schedule(() => gate.pause({ scope: 'account' }, ''), 1000);
      time.schedule(() => expect(documents.inFlight).toBe(0), 1900);
      let before = 0;
      time.schedule(() => {
        before = documents.slots;
        gate.resume({ scope: 'account' });
      }, 2000);
      time.schedule(() => expect([documents.slots - before, documents.inFlight]).toEqual([1, 1]), 2219);
      time.schedule(() => expect(documents.inFlight).toBe(10), 2400);
    });
  });

  describe.each([
    ['if nothing else bounds calls', () => ({})],
    ['if a budget does', () => ({ budget: ampleBudget() })],
    ['if a rate does', () => ({ configuredRate: configuredRateOf(60_500) })],
  ])('no document keeps a slot while the circuit breaker is open, and another model has them: %s', (_, boundsOf) => {
    test.each([
      ['of those that are ready when it opens; four are in flight', 4, 4],
      ['of those that get ready meanwhile', 100, 1],
    ])('%s', async (__, readyMs, inFlight) => {
      await withDocuments({ concurrency: 5, ...boundsOf() }, (documents, gate, time) => {
        const others = new Documents(gate, time);
        const verdict = retry('document', null);
        documents.send(26, { readyMs: 4, callMs: 4, verdict });
        documents.send(70, { readyMs, callMs: 40_000, verdict });
        time.schedule(() => others.send(9, { ticket: other, callMs: 10_000 }), 1000);
        time.schedule(() => expect([documents.inFlight, others.inFlight]).toEqual([inFlight, 5 - inFlight]), 1010);
      });
    });
  });
});

describe('if a rate is what holds calls back', () => {
  const TOO_FAST: Verdict = { kind: 'retry', cools: 'model', hintSeconds: 1, counts: false, limit: 'rate' };

  test.each([
    [605, 20, 1],
    [605, 350, 4],
    [30, 20, 1],
    [30, 350, 1],
  ])('%d calls a minute, ready in %d ms: %d are ready at once, and none waits', async (rate, readyMs, ready) => {
    await withDocuments({ configuredRate: configuredRateOf(rate), concurrency: 50 }, (documents, _, time) => {
      documents.send(1000, { readyMs, callMs: 200 });
      time.schedule(() => {
        expect(documents.mostReady).toBeLessThanOrEqual(ready);
        expect(documents.longestWaitMs).toBeLessThan(2000);
        expect(documents.calls).toBeGreaterThan(rate * 0.45 - 2);
      }, 30_000);
    });
  });

  test('one that was learned makes ready only what is about to start', async () => {
    await withDocuments({}, (documents, gate, time) => {
      const next = new Documents(gate, time);
      documents.send(1, { callMs: 4, verdict: TOO_FAST });
      time.schedule(() => next.send(100, { readyMs: 10, callMs: 100 }), 100);
      time.schedule(() => expect([next.mostReady, next.calls]).toEqual([1, 9]), 10_000);
    });
  });

  test('one that was learned does not send documents back and forth if getting ready took long', async () => {
    await withDocuments({ concurrency: 2 }, (documents, _, time) => {
      documents.send(1, { readyMs: 6000, verdict: { ...TOO_FAST, hintSeconds: 10 } });
      time.schedule(() => documents.send(1, { readyMs: 1 }), 6100);
      time.schedule(() => expect([documents.slots, documents.calls]).toEqual([2, 1]), 16_000);
      time.schedule(() => expect([documents.slots, documents.calls]).toEqual([2, 2]), 16_010);
    });
  });
});
