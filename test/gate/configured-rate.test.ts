import { describe, expect, test } from '@jest/globals';
import { ConfiguredRate, type ConfiguredRateSettings } from '../../src/gate/configured-rate.ts';

const MINUTE_MS = 60_000;

function configuredRateOf(settings: Partial<ConfiguredRateSettings>): ConfiguredRate {
  return new ConfiguredRate({ callsPerMinute: null, tokensPerMinute: null, recent: [], now: 0, ...settings });
}

/** The moments (ms) from `from` until `to` at which calls of so many tokens start that all wait from the beginning. */
function starts(configuredRate: ConfiguredRate, from: number, to: number, tokens = 0): number[] {
  const moments: number[] = [];
  for (let now = Math.max(from, configuredRate.nextStart); now < to; now = Math.max(now, configuredRate.nextStart)) {
    configuredRate.started(now, tokens);
    moments.push(now);
  }
  return moments;
}

/** The most of `moments` that fall into one minute. */
function mostInAMinute(moments: readonly number[]): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + MINUTE_MS).length));
}

describe('calls a minute', () => {
  test.each([1, 7, 60, 600])('of %d are never passed, used nearly whole, and spread evenly', (callsPerMinute) => {
    const moments = starts(configuredRateOf({ callsPerMinute }), 0, 10 * MINUTE_MS);
    expect(mostInAMinute(moments)).toBeLessThanOrEqual(callsPerMinute);
    expect(moments.length).toBeGreaterThanOrEqual(callsPerMinute * 10 * 0.99);
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(11);
  });

  test('do not come in a burst at the start, nor after a pause', () => {
    const configuredRate = configuredRateOf({ callsPerMinute: 60 });
    expect(starts(configuredRate, 0, 2500)).toHaveLength(3);
    expect(starts(configuredRate, 10 * MINUTE_MS, 10 * MINUTE_MS + 2500)).toHaveLength(3);
  });

  test('are not held back by tokens if those are not limited', () => {
    expect(starts(configuredRateOf({ callsPerMinute: 60 }), 0, 5000, 1_000_000)).toHaveLength(5);
  });
});

describe('tokens a minute', () => {
  test('put off the next call by what this one is estimated to use', () => {
    const configuredRate = configuredRateOf({ tokensPerMinute: 60_000 });
    configuredRate.started(0, 5000);
    expect(configuredRate.nextStart).toBeGreaterThanOrEqual(5000);
    expect(configuredRate.nextStart).toBeLessThan(5100);
  });

  test('let a call start that uses more than all of them, and make the next one wait for it', () => {
    const configuredRate = configuredRateOf({ tokensPerMinute: 1000 });
    expect(configuredRate.nextStart).toBeLessThanOrEqual(0);
    configuredRate.started(0, 3000);
    expect(configuredRate.nextStart).toBeGreaterThanOrEqual(3 * MINUTE_MS - 10);
  });

  test('are corrected by what a call really used, either way', () => {
    const configuredRate = configuredRateOf({ tokensPerMinute: 60_000 });
    configuredRate.started(0, 10_000);
    const before = configuredRate.nextStart;
    configuredRate.corrected(1000, 10_000, 4000);
    expect(before - configuredRate.nextStart).toBeCloseTo(6050, 0);
    configuredRate.corrected(1000, 10_000, 12_000);
    expect(before - configuredRate.nextStart).toBeCloseTo(4033, 0);
  });

  test('that were estimated too high are no reason for a burst', () => {
    const configuredRate = configuredRateOf({ tokensPerMinute: 60_000 });
    configuredRate.started(0, 10_000);
    configuredRate.corrected(20_000, 10_000, 0);
    expect(starts(configuredRate, 20_000, 23_000, 1000)).toHaveLength(3);
  });

  test('that were estimated too low put off the next call however long ago that was', () => {
    const configuredRate = configuredRateOf({ tokensPerMinute: 60_000 });
    configuredRate.started(0, 1000);
    configuredRate.corrected(5 * MINUTE_MS, 1000, 6000);
    expect(configuredRate.nextStart).toBeGreaterThanOrEqual(5 * MINUTE_MS + 5000);
  });

  test('of calls of any length, settled later, stay within the limit on the average', () => {
    const tokensPerMinute = 100_000;
    const configuredRate = configuredRateOf({ tokensPerMinute });
    const inFlight: { readonly endsAt: number; readonly estimated: number; readonly used: number }[] = [];
    let total = 0;
    for (let now = 0; now < 30 * MINUTE_MS; now += 10) {
      while ((inFlight[0]?.endsAt ?? Number.POSITIVE_INFINITY) <= now) {
        const { estimated = 0, used = 0 } = inFlight.shift() ?? {};
        configuredRate.corrected(now, estimated, used);
      }
      if (configuredRate.nextStart > now) continue;
      const used = 200 + ((now * 7919) % 5000);
      const estimated = configuredRate.estimate(200, 64_000);
      configuredRate.started(now, estimated);
      total += used;
      inFlight.push({ endsAt: now + 20_000, estimated, used });
    }
    expect(total / 30).toBeLessThanOrEqual(tokensPerMinute * 1.02);
    expect(total / 30).toBeGreaterThan(tokensPerMinute * 0.95);
  });
});

describe('a restart', () => {
  test('goes on where the run before it stopped', () => {
    const before = configuredRateOf({ callsPerMinute: 6 });
    const moments = starts(before, 0, MINUTE_MS);
    const now = MINUTE_MS - 2000;
    const recent = moments.map((moment) => ({ agoMs: now - moment, tokens: 0 }));
    // A new process has a clock of its own.
    const after = configuredRateOf({ callsPerMinute: 6, recent, now: 7 });
    expect(after.nextStart - 7).toBeCloseTo(before.nextStart - now, 5);
  });

  test('counts the tokens of the last minute, in whatever order they come', () => {
    const recent = [
      { agoMs: 100, tokens: 20_000 },
      { agoMs: 30_000, tokens: 10_000 },
    ];
    const { nextStart } = configuredRateOf({ tokensPerMinute: 60_000, recent });
    expect(nextStart).toBeGreaterThan(19_900);
    expect(nextStart).toBeLessThan(20_200);
  });

  test('waits no longer than until they are all a minute old', () => {
    const recent = Array.from({ length: 5000 }, () => ({ agoMs: 10, tokens: 0 }));
    const { nextStart } = configuredRateOf({ callsPerMinute: 10, recent });
    expect(nextStart).toBeGreaterThanOrEqual(MINUTE_MS);
    expect(nextStart).toBeLessThan(MINUTE_MS + 1000);
  });

  test('starts at once if there was nothing', () => {
    expect(configuredRateOf({ callsPerMinute: 1, tokensPerMinute: 1 }).nextStart).toBeLessThanOrEqual(0);
  });
});

describe('an estimate', () => {
  test('begins with a modest answer, never with the longest possible', () => {
    expect(configuredRateOf({}).estimate(500, 64_000)).toBe(1500);
  });

  test('is never of more than the answer may have', () => {
    expect(configuredRateOf({}).estimate(500, 200)).toBe(700);
  });

  test('takes the mean of the answers so far', () => {
    const configuredRate = configuredRateOf({});
    for (const tokens of [3000, 5000, 4000]) configuredRate.answered(tokens);
    expect(configuredRate.estimate(500, 64_000)).toBeCloseTo(4500, 6);
  });

  test('follows when answers get shorter', () => {
    const configuredRate = configuredRateOf({});
    for (let count = 0; count < 10_000; count += 1) configuredRate.answered(8000);
    for (let count = 0; count < 500; count += 1) configuredRate.answered(1000);
    expect(configuredRate.estimate(0, 64_000)).toBeLessThan(1100);
  });
});
