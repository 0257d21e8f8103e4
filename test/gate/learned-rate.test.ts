import { describe, expect, test } from '@jest/globals';
import type { CallStart } from '../../src/gate/adaptive-limit.ts';
import { LearnedRate } from '../../src/gate/learned-rate.ts';
import { figuresOf, goodputBetween } from './figures-of.ts';
import { type Call, simulateRun } from './simulate-run.ts';
import { fixedWindow, type SimulatedApi, slidingWindow, tokenBucket, unlimited } from './simulated-api.ts';
import { limiterOf } from './with-gate.ts';

function run(api: SimulatedApi, documents: number): readonly Call[] {
  return simulateRun({ documents, api, limiter: limiterOf('auto', 256) });
}

const per5Seconds = { calls: 50, windowMs: 5000, latencyMs: 100 };
const hints = ['exact', 'whole seconds'] as const;

describe.each(hints)('a limit of 50 calls per 5 s, with hints that are %s', (hint) => {
  test.each([
    ['any 5 s', slidingWindow({ ...per5Seconds, hint })],
    ['5 s of the clock', fixedWindow({ ...per5Seconds, hint }, 2000)],
    ['a bucket of 50 that fills again', tokenBucket({ ...per5Seconds, hint })],
  ])('is used to nearly all it gives, and few calls are refused: %s', (_, api) => {
    const { goodput, rejected } = figuresOf(run(api, 3000));
    expect(goodput).toBeGreaterThan(0.95 * 10);
    expect(rejected).toBeLessThan(0.05);
  });
});

describe.each(hints)('a limit per minute, with hints that are %s', (hint) => {
  const perMinute = { windowMs: 60_000, latencyMs: 100, hint };
  test.each([
    ['60 in any minute', 60, slidingWindow({ ...perMinute, calls: 60 })],
    ['60 in a minute of the clock, begun early', 60, fixedWindow({ ...perMinute, calls: 60 }, 0)],
    ['60 in a minute of the clock, begun late', 60, fixedWindow({ ...perMinute, calls: 60 }, 40_000)],
    ['500 in any minute', 500, slidingWindow({ ...perMinute, calls: 500 })],
    ['500 in a minute of the clock', 500, fixedWindow({ ...perMinute, calls: 500 }, 20_000)],
  ])('is used to nearly all it gives: %s', (_, perMinuteCalls, api) => {
    const calls = run(api, perMinuteCalls * 10);
    expect(figuresOf(calls).goodput).toBeGreaterThan((0.95 * perMinuteCalls) / 60);
    expect(figuresOf(calls).rejected).toBeLessThan(0.15);
  });
});

/** One of those that start a ms apart, from 0 on. */
function call(startedAt: number): CallStart {
  return { startedAt, inFlight: 1, number: startedAt + 1 };
}

describe('LearnedRate', () => {
  test('limits nothing before a refusal', () => {
    const rate = new LearnedRate();
    rate.started(0);
    expect([rate.nextStart, rate.perSecond]).toEqual([Number.NEGATIVE_INFINITY, null]);
  });

  test('learns the calls that were taken until it may go on', () => {
    const rate = new LearnedRate();
    for (let now = 0; now < 51; now += 1) rate.started(now);
    rate.refused(52, { start: call(50), resumesAt: 5000 });
    expect(rate.perSecond).toBeCloseTo(10, 0);
    expect(rate.nextStart).toBe(5000);
  });

  test('takes the refusals of calls that were out together as one', () => {
    const rate = new LearnedRate();
    for (let now = 0; now < 60; now += 1) rate.started(now);
    for (let startedAt = 50; startedAt < 60; startedAt += 1)
      rate.refused(startedAt + 20, { start: call(startedAt), resumesAt: 5000 });
    expect(rate.perSecond).toBeCloseTo(10, 0);
  });

  test('lets go when the limit is gone', () => {
    const limited = slidingWindow({ ...per5Seconds, hint: 'exact' });
    const free = unlimited(() => 100);
    const calls = run((now) => (now < 30_000 ? limited(now) : free(now)), 60_000);
    expect(calls.at(-1)?.perSecond).toBeNull();
    expect(goodputBetween(calls, 140_000, 141_000)).toBe(2560);
  });

  test('is hardly impressed by a single refusal', () => {
    let refused = false;
    const api = (now: number): ReturnType<SimulatedApi> => {
      if (refused || now < 10_000) return { repliesAt: now + 100 };
      refused = true;
      return { repliesAt: now + 2, refusal: { hintMs: 1000 } };
    };
    const calls = run(api, 60_000);
    expect(goodputBetween(calls, 12_000, 20_000)).toBeGreaterThan(0.8 * 2560);
  });

  test('learns nothing from a quota that ends in hours', () => {
    const rate = new LearnedRate();
    rate.started(0);
    rate.refused(10, { start: call(0), resumesAt: 3_600_000 });
    expect(rate.perSecond).toBeNull();
  });

  test('makes up for a call that starts a little late, never for a pause', () => {
    const rate = new LearnedRate();
    for (let now = 0; now < 51; now += 1) rate.started(now);
    rate.refused(52, { start: call(50), resumesAt: 5000 });
    const gap = 1000 / (rate.perSecond ?? Number.NaN);
    rate.started(5000 + gap / 2);
    expect(rate.nextStart).toBeCloseTo(5000 + gap, 0);
    rate.started(60_000);
    expect(rate.nextStart).toBeCloseTo(60_000, 0);
  });
});
