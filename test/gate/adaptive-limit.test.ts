import { describe, expect, test } from '@jest/globals';
import type { CallStart } from '../../src/gate/adaptive-limit.ts';
import { AdaptiveLimit } from '../../src/gate/adaptive-limit.ts';
import type { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { figuresOf, goodputBetween } from './figures-of.ts';
import { type Call, simulateRun } from './simulate-run.ts';
import { lognormal, queueing, refusing, seededRandom, unlimited } from './simulated-api.ts';
import { limiterOf } from './with-gate.ts';

const auto = (): ModelLimiter => limiterOf('auto', 256);
const fixed = (calls: number): ModelLimiter => limiterOf(calls);

/** The time (ms) of the first call after which the limit was at least so high. */
const reached = (calls: readonly Call[], limit: number): number =>
  calls.find((call) => call.limit >= limit)?.endedAt ?? Number.POSITIVE_INFINITY;

const everyTenthSecond = (document: number): number => document * 100;

/** 200 ms with a spread as networks and models have it. */
const around200 = (): (() => number) => {
  const random = seededRandom(5);
  return () => 150 + 100 * random();
};

describe('an API that refuses what is too much at once', () => {
  test.each([
    ['at once', 2, () => 200],
    ['after as long as half a call', 100, () => 200],
    ['at once, its answers taking from 150 to 250 ms', 2, around200()],
  ])('is used to nearly all it takes, and few calls are refused, if it refuses %s', (_, refusesAfterMs, latency) => {
    const api = refusing(() => 40, latency, refusesAfterMs);
    const calls = simulateRun({ documents: 4000, api, limiter: auto() });
    const { rejected } = figuresOf(calls);
    const goodput = goodputBetween(calls, 0, 20_000);
    expect(goodput).toBeGreaterThan(0.91 * 200);
    // Refusals that take as long as half a call are few, and what is few may be chance.
    expect(rejected).toBeLessThan(refusesAfterMs > 10 ? 0.03 : 0.02);
  });

  test('is followed when it takes less, and when it takes more again', () => {
    const api = refusing(
      (now) => (now > 10_000 && now < 30_000 ? 10 : 40),
      () => 200,
    );
    const calls = simulateRun({ documents: 8000, api, limiter: auto() });
    expect(goodputBetween(calls, 15_000, 30_000)).toBeGreaterThan(0.95 * 50);
    expect(goodputBetween(calls, 36_000, 40_000)).toBeGreaterThan(0.95 * 200);
    expect(figuresOf(calls).rejected).toBeLessThan(0.02);
  });

  test('is found again after it took nothing for a while', () => {
    const api = refusing(
      (now) => (now > 5000 && now < 8000 ? 0 : 40),
      () => 200,
    );
    const calls = simulateRun({ documents: 8000, api, limiter: auto() });
    expect(goodputBetween(calls, 14_000, 30_000)).toBeGreaterThan(0.95 * 200);
    expect(figuresOf(calls).rejected).toBeLessThan(0.02);
  });

  test('bounds a fixed number of calls that is too high', () => {
    const calls = simulateRun({
      documents: 4000,
      api: refusing(
        () => 40,
        () => 200,
      ),
      limiter: fixed(100),
    });
    expect(goodputBetween(calls, 1000, 19_000)).toBeGreaterThan(0.95 * 200);
    expect(figuresOf(calls).rejected).toBeLessThan(0.03);
  });

  test('gives a fixed number of calls back when it takes them again, and never more', () => {
    const api = refusing(
      (now) => (now < 10_000 ? 10 : 1000),
      () => 200,
    );
    const calls = simulateRun({ documents: 4000, api, limiter: fixed(30) });
    expect(calls.at(-1)?.limit).toBe(30);
    expect(figuresOf(calls).mostInFlight).toBe(30);
  });
});

describe('an API that lets calls wait', () => {
  test.each([
    ['40 slots, 200 ms', 40, 200],
    ['8 slots, 200 ms', 8, 200],
    ['20 slots, 3 s', 20, 3000],
  ])('is used to nearly all it does, with a short queue: %s', (_, slots, serviceMs) => {
    const calls = simulateRun({ documents: slots * 100, api: queueing(slots, () => serviceMs), limiter: auto() });
    expect(figuresOf(calls).goodput).toBeGreaterThan((0.95 * slots * 1000) / serviceMs);
    expect(figuresOf(calls).mostInFlight).toBeLessThanOrEqual(3 * slots);
    const settled = calls.slice(calls.length / 2);
    expect(settled.reduce((sum, { inFlight }) => sum + inFlight, 0) / settled.length).toBeLessThan(2 * slots);
  });

  test('is used well also if its latencies vary', () => {
    const random = seededRandom(7);
    const api = queueing(40, () => lognormal(random, 200, 0.5));
    const calls = simulateRun({ documents: 8000, api, limiter: auto() });
    expect(goodputBetween(calls, 5000, 40_000)).toBeGreaterThan((0.9 * 40_000) / (200 * Math.exp(0.125)));
  });
});

describe('an API without a limit', () => {
  test.each([0.5, 1])('is not throttled because its latencies vary: sigma %d', (sigma) => {
    const random = seededRandom(2);
    const api = unlimited(() => lognormal(random, 200, sigma));
    const calls = simulateRun({ documents: 30_000, api, limiter: auto() });
    const best = 256_000 / (200 * Math.exp(sigma ** 2 / 2));
    expect(goodputBetween(calls, 3000, 25_000)).toBeGreaterThan(0.95 * best);
  });

  test('is not throttled for long when it gets slower by itself', () => {
    const api = unlimited((now) => (now > 10_000 && now < 30_000 ? 400 : 200));
    const calls = simulateRun({ documents: 40_000, api, limiter: auto() });
    expect(goodputBetween(calls, 13_000, 30_000)).toBeGreaterThan(0.95 * 640);
    expect(goodputBetween(calls, 31_000, 34_000)).toBeGreaterThan(0.95 * 1280);
  });

  test('is not throttled because the documents grow', () => {
    let document = 0;
    const api = unlimited(() => {
      document += 1;
      return 100 + document / 50;
    });
    const calls = simulateRun({ documents: 40_000, api, limiter: auto() });
    const limits = calls.slice(4000).map(({ limit }) => limit);
    expect(limits.reduce((sum, limit) => sum + limit, 0) / limits.length).toBeGreaterThan(0.95 * 256);
  });

  test.each([
    ['2 to 6 s', 4000, 0.5, 9],
    ['24 to 36 s', 30_000, 0.2, 8],
  ])('is used to the ceiling within a few round trips, however long they take: %s', (_, meanMs, spread, roundTrips) => {
    const random = seededRandom(3);
    const api = unlimited(() => meanMs * (1 + spread * (2 * random() - 1)));
    const calls = simulateRun({ documents: 3000, api, limiter: auto() });
    expect(reached(calls, 256)).toBeLessThan(roundTrips * meanMs);
  });

  test('gets no higher limit from documents that come one by one', () => {
    const calls = simulateRun({
      documents: 500,
      api: unlimited(() => 250),
      limiter: auto(),
      arrivesAt: everyTenthSecond,
    });
    expect(calls.at(-1)?.limit).toBeLessThanOrEqual(8);
  });
});

const forty = (): AdaptiveLimit => new AdaptiveLimit({ start: 40, ceiling: 40, watchesLatency: false });

/** So many calls go out at `now`, the first of them with `from` in flight. */
function startsAt(now: number, calls: number, from = 1): readonly CallStart[] {
  return Array.from({ length: calls }, (_, index) => ({
    startedAt: now,
    inFlight: from + index,
    number: now * 1000 + index,
  }));
}

describe('AdaptiveLimit', () => {
  test('goes back to what was taken of calls that went out together, and takes their refusals as one excess', () => {
    const limit = forty();
    for (const start of startsAt(0, 10, 31)) limit.refused(10, start, 31);
    expect(limit.calls).toBe(30);
  });

  test('goes down by steps that double while the next calls are refused too', () => {
    const limit = forty();
    const limits = [1, 2, 3, 4].map((second) => {
      limit.refused(second * 10 + 1, { startedAt: second * 10, inFlight: 40, number: second }, 41);
      return limit.calls;
    });
    expect(limits).toEqual([39, 37, 33, 25]);
  });

  test('is as it was before a fall that did not help', () => {
    const limit = forty();
    for (const start of startsAt(0, 10, 31)) limit.refused(10, start, 31);
    limit.undoFall();
    expect(limit.calls).toBe(40);
  });

  test('is never below one call', () => {
    const limit = forty();
    for (let now = 1; now <= 10; now += 1)
      limit.refused(now * 10, { startedAt: now * 10 - 1, inFlight: 1, number: now }, 1);
    expect(limit.calls).toBe(1);
  });
});
