import { describe, expect, test } from '@jest/globals';
import type { Limit, Verdict } from '../../src/domain/attempt.ts';
import type { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { fresh, limiterOf, recordOf, retry } from './with-gate.ts';

const START = { startedAt: 0, inFlight: 1, number: 1 };

function limited(limit: Limit, hintSeconds = 1): Verdict {
  return { kind: 'retry', cools: 'model', hintSeconds, counts: false, limit };
}

/** So many calls come to this at `now`. */
function learn(limiter: ModelLimiter, verdict: Verdict, calls: number, now = 100): void {
  const record = recordOf({ billing: verdict.kind === 'answer' ? 'known' : 'none' });
  for (let call = 0; call < calls; call += 1) limiter.record(now, START, false, { verdict, record });
}

/** Of the ten calls that it takes one ends in the time that it takes to get ready: two are to be ready. */
function busy(): ModelLimiter {
  const limiter = limiterOf(10);
  limiter.prefetch.tookToGetReady(20);
  limiter.prefetch.tookToCall(200);
  return limiter;
}

/** It was refused at 100 as too fast, after ten calls in a second. */
function paced(readyMs: number): ModelLimiter {
  const limiter = limiterOf(10);
  limiter.prefetch.tookToGetReady(readyMs);
  for (let call = 0; call < 11; call += 1) limiter.started(call * 10);
  for (let call = 0; call < 11; call += 1) limiter.finished(100, START);
  learn(limiter, limited('rate', 0.9), 1);
  return limiter;
}

const openBreaker = (limiter: ModelLimiter): void => learn(limiter, retry('document', null), 50);
const probe = (limiter: ModelLimiter): void => {
  limiter.pause.pause();
  limiter.pause.resume();
};

describe('a model limiter', () => {
  test('gives slots to as many as it takes, and to those that will be needed when calls end', () => {
    const limiter = busy();
    limiter.slots = 11;
    expect([limiter.calls, limiter.slotsBeyond, limiter.hasSlot]).toEqual([10, 2, true]);
    limiter.slots = 12;
    expect(limiter.hasSlot).toBe(false);
  });

  test.each([
    ['its circuit breaker is open', openBreaker],
    ['a pause has ended', probe],
  ])('takes one call at a time, and gets no other ready, while %s', (_, begin) => {
    const limiter = busy();
    begin(limiter);
    expect([limiter.calls, limiter.slotsBeyond, limiter.hasSlot]).toEqual([1, 0, true]);
    limiter.slots = 1;
    expect(limiter.hasSlot).toBe(false);
  });

  test('gives no slot while it is paused', () => {
    const limiter = busy();
    limiter.pause.pause();
    expect([limiter.calls, limiter.slotsBeyond, limiter.hasSlot]).toEqual([0, 0, false]);
  });

  test('takes as many as before when answers come back', () => {
    const limiter = busy();
    openBreaker(limiter);
    learn(limiter, { kind: 'answer' }, 3);
    expect([limiter.calls, limiter.slotsBeyond]).toEqual([10, 2]);
  });

  test.each(['rate', 'concurrency', 'upstream', 'spending'] as const)(
    'does not open its circuit breaker for the limit %s',
    (limit) => {
      const limiter = limiterOf(10);
      learn(limiter, limited(limit), 100);
      expect(limiter.breaker.isOpen).toBe(false);
    },
  );

  test('learns nothing from a request that goes again at once in another form', () => {
    const limiter = limiterOf(10);
    learn(limiter, { kind: 'retry', cools: 'document', hintSeconds: null, counts: false, atOnce: true }, 100);
    expect([limiter.breaker.isOpen, limiter.calls, limiter.rate.perSecond]).toEqual([false, 10, null]);
  });

  test.each([
    ['concurrency', true, false],
    ['spending', true, false],
    ['rate', false, true],
    ['upstream', false, false],
  ] as const)('learns from the limit %s: fewer at once %p, a rate %p', (limit, fewer, rate) => {
    const limiter = limiterOf(10);
    limiter.started(0);
    learn(limiter, limited(limit), 1);
    expect([limiter.calls < 10, limiter.rate.perSecond !== null]).toEqual([fewer, rate]);
  });

  test.each([
    [20, 1],
    [300, 3],
  ])(
    'gets as few ready as start in the %d ms that it takes, if it learned a rate of ten a second',
    (readyMs, ready) => {
      const limiter = paced(readyMs);
      expect(limiter.rate.perSecond).toBeCloseTo(9.85, 1);
      limiter.slots = ready - 1;
      expect(limiter.hasSlot).toBe(true);
      limiter.slots = ready;
      expect(limiter.hasSlot).toBe(false);
      limiter.inFlight = 1;
      expect(limiter.hasSlot).toBe(true);
    },
  );

  test.each([
    [300, 700],
    [5000, 0],
  ])(
    'gives a slot for a learned rate so long before its call as it takes to get ready (%d ms), to a second',
    (readyMs, at) => {
      const limiter = paced(readyMs);
      expect([limiter.nextStart, limiter.nextSlot]).toEqual([1000, at]);
    },
  );

  test('gives no slot before a cooldown is over: none is to wait on one', () => {
    const limiter = busy();
    limiter.cooldown.extend(1000);
    expect([limiter.nextStart, limiter.nextSlot]).toEqual([1000, 1000]);
  });

  describe('is to be looked at again when a cooldown is over', () => {
    const waiter = { ticket: fresh, grant: () => undefined, refuse: () => undefined };

    test.each<readonly [string, (limiter: ModelLimiter) => void, number]>([
      ['for those that stand in line', ({ queue }) => queue.add(waiter), 1000],
      ['for those that are ready', (limiter) => (limiter.slots = 1), 1000],
      [
        'but not if all that hold a slot are in flight',
        (limiter) => {
          limiter.slots = 1;
          limiter.inFlight = 1;
        },
        Number.POSITIVE_INFINITY,
      ],
      ['nor if there is none', () => undefined, Number.POSITIVE_INFINITY],
    ])('%s', (_, wait, moment) => {
      const limiter = limiterOf(10);
      limiter.cooldown.extend(1000);
      wait(limiter);
      expect(limiter.nextMoment(0)).toBe(moment);
      expect(limiter.nextMoment(1000)).toBe(Number.POSITIVE_INFINITY);
    });
  });

  test('sends those that are ready back', () => {
    const limiter = limiterOf(10);
    const sentBack: number[] = [];
    for (const number of [1, 2])
      limiter.ready.add({ ticket: fresh, grant: () => undefined, refuse: () => void sentBack.push(number) });
    limiter.sendBack();
    expect(sentBack).toEqual([1, 2]);
    expect(limiter.ready.size).toBe(0);
  });

  test('waits twice as long after each refusal without a hint, up to a minute, until an answer comes', () => {
    const limiter = limiterOf(10);
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map((second) => limiter.secondsWithoutHint(second, second - 0.5));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    // Those that went out before the last was known say nothing new.
    expect(limiter.secondsWithoutHint(8, 6.9)).toBe(60);
    learn(limiter, { kind: 'answer' }, 1);
    expect([limiter.secondsWithoutHint(9, 6.9), limiter.secondsWithoutHint(10, 9.5)]).toEqual([1, 1]);
    expect(limiter.secondsWithoutHint(11, 10.5)).toBe(2);
  });

  test('reports once that its circuit breaker opens, with the reason, and that it closes', () => {
    const limiter = limiterOf(10);
    const changes = () => [...limiter.changes({ verdict: { kind: 'answer' }, record: recordOf({}) })];
    openBreaker(limiter);
    expect(changes()).toEqual([
      { type: 'gate-probing', model: 'model', reason: expect.stringContaining('calls failed') },
    ]);
    expect(changes()).toEqual([]);
    learn(limiter, { kind: 'answer' }, 3);
    expect(changes()).toEqual([{ type: 'gate-recovered', model: 'model' }]);
  });

  test('reports a learned rate', () => {
    const limiter = paced(20);
    const [reported] = limiter.changes({ verdict: limited('rate'), record: recordOf({}) });
    expect(reported).toEqual({ type: 'gate-paced', model: 'model', callsPerMinute: 591 });
  });
});
