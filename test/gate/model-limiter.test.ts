import { describe, expect, test } from '@jest/globals';
import type { Limit, Verdict } from '../../src/domain/attempt.ts';
import type { Lane } from '../../src/gate/model-limiter.ts';
import { laneOf, seatOf } from './seat-of.ts';
import { recordOf, retry } from './with-gate.ts';

const FLIGHT = { startedAt: 0, inFlight: 1 };

function limited(limit: Limit): Verdict {
  return { kind: 'retry', cools: 'model', hintSeconds: 1, counts: false, limit };
}

/** So many calls come to this at `now`. */
function learn(lane: Lane, verdict: Verdict, calls: number, now = 100): void {
  const record = recordOf({ billing: verdict.kind === 'answer' ? 'known' : 'none' });
  for (let call = 0; call < calls; call += 1) lane.learn(now, FLIGHT, false, { verdict, record });
}

/** Of the ten calls that it takes one ends in the time that it takes to get ready: two are to be ready. */
function busy(): Lane {
  const lane = laneOf(10);
  lane.lookahead.tookToGetReady(20);
  lane.lookahead.tookToCall(200);
  return lane;
}

/** It was refused at 100 as too fast, after ten calls in a second. */
function paced(readyMs: number): Lane {
  const lane = laneOf(10);
  lane.lookahead.tookToGetReady(readyMs);
  for (let call = 0; call < 11; call += 1) lane.started(call * 10);
  for (let call = 0; call < 11; call += 1) lane.landed(100, FLIGHT);
  lane.cooldown.extend(1000);
  learn(lane, limited('rate'), 1);
  return lane;
}

const storm = (lane: Lane): void => learn(lane, retry('document', null), 50);
const probe = (lane: Lane): void => {
  lane.hold.pause();
  lane.hold.resume();
};

describe('a lane', () => {
  test('gives seats to as many as it takes, and to those that will be needed when calls end', () => {
    const lane = busy();
    lane.seats = 11;
    expect([lane.calls, lane.seatsBeyond, lane.hasSeat]).toEqual([10, 2, true]);
    lane.seats = 12;
    expect(lane.hasSeat).toBe(false);
  });

  test.each([
    ['a storm rages', storm],
    ['a pause has ended', probe],
  ])('takes one call at a time, and makes no other ready, while %s', (_, begin) => {
    const lane = busy();
    begin(lane);
    expect([lane.calls, lane.seatsBeyond, lane.hasSeat]).toEqual([1, 0, true]);
    lane.seats = 1;
    expect(lane.hasSeat).toBe(false);
  });

  test('takes as many as before when answers come back', () => {
    const lane = busy();
    storm(lane);
    learn(lane, { kind: 'answer' }, 3);
    expect([lane.calls, lane.seatsBeyond]).toEqual([10, 2]);
  });

  test.each(['rate', 'concurrency', 'upstream', 'spending'] as const)('takes the limit %s for no storm', (limit) => {
    const lane = laneOf(10);
    learn(lane, limited(limit), 100);
    expect(lane.storm.raging).toBe(false);
  });

  test.each([
    ['concurrency', true, false],
    ['spending', true, false],
    ['rate', false, true],
    ['upstream', false, false],
  ] as const)('learns from the limit %s: fewer at once %p, a rate %p', (limit, fewer, rate) => {
    const lane = laneOf(10);
    lane.started(0);
    learn(lane, limited(limit), 1);
    expect([lane.calls < 10, lane.rate.perSecond !== null]).toEqual([fewer, rate]);
  });

  test.each([
    [20, 1],
    [300, 3],
  ])(
    'makes as few ready as start in the %d ms that it takes, where it learned a rate of ten a second',
    (readyMs, ready) => {
      const lane = paced(readyMs);
      expect(lane.rate.perSecond).toBeCloseTo(9.85, 1);
      lane.seats = ready - 1;
      expect(lane.hasSeat).toBe(true);
      lane.seats = ready;
      expect(lane.hasSeat).toBe(false);
      lane.flying = 1;
      expect(lane.hasSeat).toBe(true);
    },
  );

  test.each([
    [300, 700],
    [5000, 0],
  ])(
    'gives a seat for a learned rate so long before its call as it takes to get ready (%d ms), to a second',
    (readyMs, at) => {
      const lane = paced(readyMs);
      expect([lane.nextStart, lane.nextSeat]).toEqual([1000, at]);
    },
  );

  test('gives no seat before a cooldown is over: nobody is to wait on one', () => {
    const lane = busy();
    lane.cooldown.extend(1000);
    expect([lane.nextStart, lane.nextSeat]).toEqual([1000, 1000]);
  });

  describe('is to be looked at again when a cooldown is over', () => {
    const waiter = { ticket: seatOf().ticket, grant: () => undefined, refuse: () => undefined };

    test.each<readonly [string, (lane: Lane) => void, number]>([
      ['for those that stand in line', ({ line }) => line.add(waiter), 1000],
      ['for those that are ready', (lane) => (lane.seats = 1), 1000],
      [
        'but not where all that hold a seat are in flight',
        (lane) => {
          lane.seats = 1;
          lane.flying = 1;
        },
        Number.POSITIVE_INFINITY,
      ],
      ['nor for nobody', () => undefined, Number.POSITIVE_INFINITY],
    ])('%s', (_, wait, moment) => {
      const lane = laneOf(10);
      lane.cooldown.extend(1000);
      wait(lane);
      expect(lane.nextMoment(0)).toBe(moment);
      expect(lane.nextMoment(1000)).toBe(Number.POSITIVE_INFINITY);
    });
  });

  test('sends those that are ready back', () => {
    const lane = laneOf(10);
    const sentBack: number[] = [];
    for (const number of [1, 2]) {
      const leave = { grant: () => undefined, refuse: () => void sentBack.push(number) };
      lane.ready.set(seatOf(lane), leave);
    }
    lane.sendBack();
    expect(sentBack).toEqual([1, 2]);
  });

  test('waits twice as long after each refusal without a hint, up to a minute, until an answer comes', () => {
    const lane = laneOf(10);
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map((second) => lane.secondsWithoutHint(second, second - 0.5));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    // Those that went out before the last was known say nothing new.
    expect(lane.secondsWithoutHint(8, 6.9)).toBe(60);
    learn(lane, { kind: 'answer' }, 1);
    expect([lane.secondsWithoutHint(9, 6.9), lane.secondsWithoutHint(10, 9.5)]).toEqual([1, 1]);
    expect(lane.secondsWithoutHint(11, 10.5)).toBe(2);
  });

  test('tells of a storm once, with its reason, and of its end', () => {
    const lane = laneOf(10);
    const news = () => [...lane.news({ verdict: { kind: 'answer' }, record: recordOf({}) })];
    storm(lane);
    expect(news()).toEqual([{ type: 'gate-probing', model: 'model', reason: expect.stringContaining('calls failed') }]);
    expect(news()).toEqual([]);
    learn(lane, { kind: 'answer' }, 3);
    expect(news()).toEqual([{ type: 'gate-recovered', model: 'model' }]);
  });

  test('tells of a learned rate', () => {
    const lane = paced(20);
    const [told] = lane.news({ verdict: limited('rate'), record: recordOf({}) });
    expect(told).toEqual({ type: 'gate-paced', model: 'model', callsPerMinute: 591 });
  });
});
