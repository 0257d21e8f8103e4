import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { Demand, Grant } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { ConfiguredRate } from '../../src/gate/configured-rate.ts';
import { type CallReservation, Reservations } from '../../src/gate/reservations.ts';
import { limiterOf, recordOf } from './with-gate.ts';

/** With rates, of 60,500 ms each, a token takes 1 ms, and a call 100 ms. */
const TOKENS = { callsPerMinute: null, tokensPerMinute: 60_500 };
const CALLS = { callsPerMinute: 605, tokensPerMinute: null };

const DEMAND: Demand = { promptTokens: 100, maxTokens: 400, worstUsd: 0.4 };
const anyLimiter = (): boolean => true;

function budgetOf(limitUsd = 1, spentUsd = 0): Budget {
  return new Budget({ limitUsd, spentUsd, perDay: false, wall: () => 0 });
}

function configuredRateOf(
  rates: Pick<ConstructorParameters<typeof ConfiguredRate>[0], 'callsPerMinute' | 'tokensPerMinute'>,
): ConfiguredRate {
  return new ConfiguredRate({ ...rates, recent: [], now: 0 });
}

/** Reservations, and how those that asked were answered. */
class Askers {
  readonly answers: string[] = [];
  readonly reservations: Reservations;

  constructor({
    budget = null,
    configuredRate = null,
  }: { readonly budget?: Budget | null; readonly configuredRate?: ConfiguredRate | null }) {
    this.reservations = new Reservations({ budget, configuredRate });
  }

  ask(name: string, demand: Partial<Demand> = {}, now = 0): CallReservation {
    const answer = ({ kind }: Grant): void => void this.answers.push(`${name} ${kind}`);
    return this.reservations.ask(now, limiterOf(), { ...DEMAND, ...demand }, answer);
  }

  /** A call that was granted its reservation. */
  inFlight(demand: Partial<Demand> = {}, now = 0): CallReservation {
    const reserved = this.ask('call', demand, now);
    this.reservations.answerNext(now, anyLimiter);
    return reserved;
  }
}

describe('what a call came to', () => {
  test.each<readonly [string, Partial<AttemptRecord>, number]>([
    ['its cost, if that is known', { billing: 'known', costUsd: 0.01 }, 0.01],
    ['the most that it may be, if its cost is not known', { billing: 'known' }, 0.4],
    ['the most that it may be, if it is in doubt', { billing: 'in doubt' }, 0.4],
    ['nothing, if it was not billed', { billing: 'none' }, 0],
  ])('counts as %s', (_, known, usd) => {
    const budget = budgetOf();
    const askers = new Askers({ budget });
    const reserved = askers.inFlight();
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0, 0.4]);
    askers.reservations.charge(0, reserved, recordOf(known));
    askers.reservations.release(0, reserved);
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([usd, 0]);
  });

  test.each<readonly [string, Partial<AttemptRecord>, number]>([
    ['those that it used', { billing: 'known', promptTokens: 90, completionTokens: 60 }, 150],
    ['none, if it was not billed', { billing: 'none', promptTokens: 90 }, 0],
    ['those that were estimated, if no number is known', { billing: 'in doubt' }, 500],
  ])('counts as many tokens: %s', (_, known, tokens) => {
    const configuredRate = configuredRateOf(TOKENS);
    const askers = new Askers({ configuredRate });
    const reserved = askers.inFlight();
    // What timers are late by is made up for.
    expect(configuredRate.nextStart).toBe(500 - 10);
    askers.reservations.charge(0, reserved, recordOf(known));
    expect(configuredRate.nextStart).toBe(tokens - 10);
  });

  test('shows how long the next answers will be', () => {
    const configuredRate = configuredRateOf(TOKENS);
    const askers = new Askers({ configuredRate });
    askers.reservations.charge(0, askers.inFlight(), recordOf({ billing: 'known', completionTokens: 20 }));
    expect(configuredRate.estimate(100, 400)).toBe(120);
  });
});

test('a call that never left gives back its money and its tokens', () => {
  const [budget, configuredRate] = [budgetOf(), configuredRateOf(TOKENS)];
  const askers = new Askers({ budget, configuredRate });
  askers.reservations.release(0, askers.inFlight());
  expect([budget.spentUsd, budget.reservedUsd, configuredRate.nextStart]).toEqual([0, 0, -10]);
});

describe('those that wait', () => {
  test('are granted their reservation one after another, in the order in which they asked', () => {
    const askers = new Askers({ budget: budgetOf() });
    for (const name of ['a', 'b']) askers.ask(name);
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(true);
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(true);
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(false);
    expect(askers.answers).toEqual(['a reserved', 'b reserved']);
  });

  test('get none if their call may not start', () => {
    const budget = budgetOf();
    const askers = new Askers({ budget });
    askers.ask('a');
    const { limiter } = askers.ask('b');
    expect(askers.reservations.answerNext(0, (one) => one === limiter)).toBe(true);
    expect(askers.reservations.answerNext(0, () => false)).toBe(false);
    expect([askers.answers, budget.reservedUsd]).toEqual([['b reserved'], 0.4]);
  });

  test('get none before the rates allow it', () => {
    const askers = new Askers({ configuredRate: configuredRateOf(CALLS) });
    askers.inFlight();
    askers.ask('a');
    expect(askers.reservations.nextMoment(0)).toBe(90);
    expect(askers.reservations.answerNext(89, anyLimiter)).toBe(false);
    expect(askers.reservations.answerNext(90, anyLimiter)).toBe(true);
    expect(askers.reservations.nextMoment(90)).toBe(Number.POSITIVE_INFINITY);
  });

  test('get none before the money is there; one that needs less goes first', () => {
    const budget = budgetOf();
    const askers = new Askers({ budget });
    const inFlight = [askers.inFlight(), askers.inFlight()];
    askers.ask('expensive');
    askers.ask('cheap', { worstUsd: 0.2 });
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(true);
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(false);
    for (const reserved of inFlight)
      askers.reservations.charge(0, reserved, recordOf({ billing: 'known', costUsd: 0.1 }));
    expect(askers.reservations.answerNext(0, anyLimiter)).toBe(true);
    expect(askers.answers.slice(2)).toEqual(['cheap reserved', 'expensive reserved']);
  });

  test.each([
    ['costs more than the whole budget', 1.5],
    ['has no known price', null],
  ])('learn at once that their call %s, also while the rates hold and no call may start', (_, worstUsd) => {
    const askers = new Askers({ budget: budgetOf(), configuredRate: configuredRateOf(CALLS) });
    askers.inFlight();
    askers.ask('a');
    askers.ask('b', { worstUsd });
    expect(askers.reservations.answerNext(0, () => false)).toBe(true);
    expect(askers.answers.slice(1)).toEqual(['b unaffordable']);
  });

  test.each([
    [2000, 'reserved'],
    [2001, 'requeue'],
  ])('are read again if they waited longer than two seconds: %d ms, %s', (now, kind) => {
    const budget = budgetOf();
    const askers = new Askers({ budget });
    askers.ask('a');
    expect(askers.reservations.answerNext(now, anyLimiter)).toBe(true);
    expect(askers.reservations.answerNext(now, anyLimiter)).toBe(false);
    expect([askers.answers, budget.reservedUsd]).toEqual([[`a ${kind}`], kind === 'reserved' ? 0.4 : 0]);
  });

  test('are sent back if they are meant, and hear nothing after they left', () => {
    const askers = new Askers({ budget: budgetOf() });
    const { limiter } = askers.ask('a');
    askers.ask('b');
    askers.reservations.sendBack((one) => one === limiter);
    askers.reservations.release(0, askers.ask('c'));
    expect(askers.answers).toEqual(['a requeue']);
    askers.reservations.sendBack(anyLimiter);
    expect(askers.answers).not.toContain('c requeue');
  });
});

describe('the budget is used up', () => {
  test('if none that waits can pay, and nothing is in flight', () => {
    const askers = new Askers({ budget: budgetOf(1, 0.7) });
    expect(askers.reservations.shortage).toBeNull();
    const first = askers.ask('a');
    askers.ask('b', { worstUsd: 0.35 });
    expect(askers.reservations.shortage).toBe(
      '$0.3000 of the budget of $1.00 are left, and the next call may cost $0.3500: its prompt, and an answer of up to 400 tokens',
    );
    askers.ask('c', { worstUsd: 0.3 });
    expect(askers.reservations.shortage).toBeNull();
    askers.reservations.release(0, first);
    expect(askers.reservations.shortage).toBeNull();
  });

  test('but not while a call is in flight that may turn out cheaper', () => {
    const askers = new Askers({ budget: budgetOf(0.5) });
    const reserved = askers.inFlight();
    askers.ask('a');
    expect(askers.reservations.shortage).toBeNull();
    askers.reservations.charge(0, reserved, recordOf({ billing: 'known', costUsd: 0.3 }));
    expect(askers.reservations.shortage).not.toBeNull();
  });
});

describe('a document may take a slot', () => {
  test('whenever it likes, if there is neither rate nor budget', () => {
    const { reservations } = new Askers({});
    expect([reservations.needed, reservations.hasSlot(0, 100, 50)]).toEqual([false, true]);
  });

  test('if none waits for money: it would wait as well', () => {
    const askers = new Askers({ budget: budgetOf() });
    askers.inFlight();
    askers.ask('a');
    expect(askers.reservations.hasSlot(0, 1, 0)).toBe(true);
    askers.ask('b', { worstUsd: 0.7 });
    expect(askers.reservations.hasSlot(0, 2, 0)).toBe(false);
  });

  test('so long before the rates let its call start as it takes to get ready', () => {
    const askers = new Askers({ configuredRate: configuredRateOf(CALLS) });
    askers.inFlight();
    expect(askers.reservations.nextSlot(30)).toBe(60);
    expect([59, 60].map((now) => askers.reservations.hasSlot(now, 0, 30))).toEqual([false, true]);
  });

  test.each([
    [30, 1],
    [100, 1],
    [350, 4],
  ])(
    'if not as many are ready as start meanwhile: in %d ms with a call every 100 ms no more than %d',
    (readyMs, most) => {
      const askers = new Askers({ configuredRate: configuredRateOf(CALLS) });
      askers.inFlight();
      // The first gap is short: what timers are late by is made up for.
      askers.inFlight({}, 90);
      const now = 190 - Math.min(readyMs, 100);
      expect(askers.reservations.hasSlot(now, most - 1, readyMs)).toBe(true);
      expect(askers.reservations.hasSlot(now, most, readyMs)).toBe(false);
    },
  );

  test('alone, if they start at once one after another, and it is not known what getting ready takes', () => {
    const askers = new Askers({ configuredRate: configuredRateOf({ ...CALLS, callsPerMinute: 60_500 }) });
    askers.inFlight();
    expect([0, 1].map((ready) => askers.reservations.hasSlot(0, ready, 0))).toEqual([true, false]);
  });

  test('alone, before the first call has shown how far apart they are', () => {
    const askers = new Askers({ configuredRate: configuredRateOf(CALLS) });
    expect([0, 1].map((ready) => askers.reservations.hasSlot(0, ready, 350))).toEqual([true, false]);
  });
});
