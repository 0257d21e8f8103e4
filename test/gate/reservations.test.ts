import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { Demand, Leave } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import type { TicketSeat } from '../../src/gate/model-limiter.ts';
import { Pacer } from '../../src/gate/rate-limit.ts';
import { Reservations } from '../../src/gate/reservations.ts';
import { seatOf } from './seat-of.ts';
import { recordOf } from './with-gate.ts';

/** With rates, of 60,500 ms each, a token takes 1 ms, and a call 100 ms. */
const TOKENS = { callsPerMinute: null, tokensPerMinute: 60_500 };
const CALLS = { callsPerMinute: 605, tokensPerMinute: null };

const DEMAND: Demand = { promptTokens: 100, maxTokens: 400, worstUsd: 0.4 };
const anySeat = (): boolean => true;

function budgetOf(limitUsd = 1, spentUsd = 0): Budget {
  return new Budget({ limitUsd, spentUsd, perDay: false, wall: () => 0 });
}

function pacerOf(rates: Pick<ConstructorParameters<typeof Pacer>[0], 'callsPerMinute' | 'tokensPerMinute'>): Pacer {
  return new Pacer({ ...rates, recent: [], now: 0 });
}

/** Reservations, and what those that asked were told. */
class Asked {
  readonly told: string[] = [];
  readonly reservations: Reservations;

  constructor({ budget = null, pacer = null }: { readonly budget?: Budget | null; readonly pacer?: Pacer | null }) {
    this.reservations = new Reservations({ budget, pacer });
  }

  ask(name: string, demand: Partial<Demand> = {}, now = 0): { readonly seat: TicketSeat; readonly stop: () => void } {
    const seat = seatOf();
    const grant = (leave: Leave): void => void this.told.push(`${name} ${leave.kind}`);
    const refuse = (): void => void this.told.push(`${name} refused`);
    const stop = this.reservations.ask(now, seat, { ...DEMAND, ...demand }, { grant, refuse });
    return { seat, stop };
  }

  /** A call that has leave. */
  flying(demand: Partial<Demand> = {}, now = 0): TicketSeat {
    const { seat } = this.ask('call', demand, now);
    this.reservations.answerNext(now, anySeat);
    return seat;
  }
}

describe('what a call came to', () => {
  test.each<readonly [string, Partial<AttemptRecord>, number]>([
    ['its cost, where that is told', { billing: 'known', costUsd: 0.01 }, 0.01],
    ['the most that it may be, where nobody tells', { billing: 'known' }, 0.4],
    ['the most that it may be, where it is in doubt', { billing: 'in doubt' }, 0.4],
    ['nothing, where it was not billed', { billing: 'none' }, 0],
  ])('counts as %s', (_, known, usd) => {
    const budget = budgetOf();
    const asked = new Asked({ budget });
    const seat = asked.flying();
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0, 0.4]);
    asked.reservations.settle(0, seat, recordOf(known));
    asked.reservations.release(0, seat);
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([usd, 0]);
  });

  test.each<readonly [string, Partial<AttemptRecord>, number]>([
    ['those that it used', { billing: 'known', promptTokens: 90, completionTokens: 60 }, 150],
    ['none, where it was not billed', { billing: 'none', promptTokens: 90 }, 0],
    ['those that were estimated, where nobody tells', { billing: 'in doubt' }, 500],
  ])('counts as many tokens: %s', (_, known, tokens) => {
    const pacer = pacerOf(TOKENS);
    const asked = new Asked({ pacer });
    const seat = asked.flying();
    // What timers are late by is made up for.
    expect(pacer.nextStart).toBe(500 - 10);
    asked.reservations.settle(0, seat, recordOf(known));
    expect(pacer.nextStart).toBe(tokens - 10);
  });

  test('tells how long the next answers will be', () => {
    const pacer = pacerOf(TOKENS);
    const asked = new Asked({ pacer });
    asked.reservations.settle(0, asked.flying(), recordOf({ billing: 'known', completionTokens: 20 }));
    expect(pacer.estimate(100, 400)).toBe(120);
  });
});

test('a call that never left gives back its money and its tokens', () => {
  const [budget, pacer] = [budgetOf(), pacerOf(TOKENS)];
  const asked = new Asked({ budget, pacer });
  asked.reservations.release(0, asked.flying());
  expect([budget.spentUsd, budget.reservedUsd, pacer.nextStart]).toEqual([0, 0, -10]);
});

describe('those that wait', () => {
  test('get leave one after another, in the order in which they asked', () => {
    const asked = new Asked({ budget: budgetOf() });
    for (const name of ['a', 'b']) asked.ask(name);
    expect(asked.reservations.answerNext(0, anySeat)).toBe(true);
    expect(asked.reservations.answerNext(0, anySeat)).toBe(true);
    expect(asked.reservations.answerNext(0, anySeat)).toBe(false);
    expect(asked.told).toEqual(['a reserved', 'b reserved']);
  });

  test('get none where their call may not start', () => {
    const budget = budgetOf();
    const asked = new Asked({ budget });
    asked.ask('a');
    const { seat } = asked.ask('b');
    expect(asked.reservations.answerNext(0, (one) => one === seat)).toBe(true);
    expect(asked.reservations.answerNext(0, () => false)).toBe(false);
    expect([asked.told, budget.reservedUsd]).toEqual([['b reserved'], 0.4]);
  });

  test('get none before the rates allow it', () => {
    const asked = new Asked({ pacer: pacerOf(CALLS) });
    asked.flying();
    asked.ask('a');
    expect(asked.reservations.nextMoment(0)).toBe(90);
    expect(asked.reservations.answerNext(89, anySeat)).toBe(false);
    expect(asked.reservations.answerNext(90, anySeat)).toBe(true);
    expect(asked.reservations.nextMoment(90)).toBe(Number.POSITIVE_INFINITY);
  });

  test('get none before the money is there; one that needs less goes first', () => {
    const budget = budgetOf();
    const asked = new Asked({ budget });
    const seats = [asked.flying(), asked.flying()];
    asked.ask('dear');
    asked.ask('cheap', { worstUsd: 0.2 });
    expect(asked.reservations.answerNext(0, anySeat)).toBe(true);
    expect(asked.reservations.answerNext(0, anySeat)).toBe(false);
    for (const seat of seats) asked.reservations.settle(0, seat, recordOf({ billing: 'known', costUsd: 0.1 }));
    expect(asked.reservations.answerNext(0, anySeat)).toBe(true);
    expect(asked.told.slice(2)).toEqual(['cheap reserved', 'dear reserved']);
  });

  test.each([
    ['costs more than the whole budget', 1.5],
    ['has no known price', null],
  ])('are told at once that their call %s, also while the rates hold and no call may start', (_, worstUsd) => {
    const asked = new Asked({ budget: budgetOf(), pacer: pacerOf(CALLS) });
    asked.flying();
    asked.ask('a');
    asked.ask('b', { worstUsd });
    expect(asked.reservations.answerNext(0, () => false)).toBe(true);
    expect(asked.told.slice(1)).toEqual(['b unaffordable']);
  });

  test.each([
    [2000, 'reserved'],
    [2001, 'refused'],
  ])('are read again where they waited longer than two seconds: %d ms, %s', (now, told) => {
    const budget = budgetOf();
    const asked = new Asked({ budget });
    asked.ask('a');
    expect(asked.reservations.answerNext(now, anySeat)).toBe(true);
    expect(asked.reservations.answerNext(now, anySeat)).toBe(false);
    expect([asked.told, budget.reservedUsd]).toEqual([[`a ${told}`], told === 'reserved' ? 0.4 : 0]);
  });

  test('are sent back where that is meant, and hear nothing after they left', () => {
    const asked = new Asked({ budget: budgetOf() });
    const { seat } = asked.ask('a');
    asked.ask('b');
    asked.reservations.refuse((one) => one === seat);
    asked.ask('c').stop();
    expect(asked.told).toEqual(['a refused']);
    asked.reservations.refuse(anySeat);
    expect(asked.told).not.toContain('c refused');
  });
});

describe('the budget is used up', () => {
  test('where none that waits can pay, and nothing is in flight', () => {
    const asked = new Asked({ budget: budgetOf(1, 0.7) });
    expect(asked.reservations.usedUp).toBe(false);
    const { stop } = asked.ask('a');
    asked.ask('b', { worstUsd: 0.35 });
    expect(asked.reservations.usedUp).toBe(true);
    expect(asked.reservations.shortage).toBe(
      'the budget is used up: 0.7000 of 1.00 USD are spent, and the next call may cost up to 0.3500 USD',
    );
    asked.ask('c', { worstUsd: 0.3 });
    expect(asked.reservations.usedUp).toBe(false);
    stop();
  });

  test('but not while a call is in flight that may turn out cheaper', () => {
    const asked = new Asked({ budget: budgetOf(0.5) });
    const seat = asked.flying();
    asked.ask('a');
    expect(asked.reservations.usedUp).toBe(false);
    asked.reservations.settle(0, seat, recordOf({ billing: 'known', costUsd: 0.3 }));
    expect(asked.reservations.usedUp).toBe(true);
  });
});

describe('a document may take a seat', () => {
  test('whenever it likes, where there is neither rate nor budget', () => {
    const { reservations } = new Asked({});
    expect([reservations.needed, reservations.hasSeat(0, 100, 50)]).toEqual([false, true]);
  });

  test('where none waits for money: it would wait as well', () => {
    const asked = new Asked({ budget: budgetOf() });
    asked.flying();
    asked.ask('a');
    expect(asked.reservations.hasSeat(0, 1, 0)).toBe(true);
    asked.ask('b', { worstUsd: 0.7 });
    expect(asked.reservations.hasSeat(0, 2, 0)).toBe(false);
  });

  test('so long before the rates let its call start as it takes to get ready', () => {
    const asked = new Asked({ pacer: pacerOf(CALLS) });
    asked.flying();
    expect(asked.reservations.nextSeat(30)).toBe(60);
    expect([59, 60].map((now) => asked.reservations.hasSeat(now, 0, 30))).toEqual([false, true]);
  });

  test.each([
    [30, 1],
    [100, 1],
    [350, 4],
  ])(
    'where not as many are ready as start meanwhile: in %d ms with a call every 100 ms no more than %d',
    (readyMs, most) => {
      const asked = new Asked({ pacer: pacerOf(CALLS) });
      asked.flying();
      // The first gap is short: what timers are late by is made up for.
      asked.flying({}, 90);
      const now = 190 - Math.min(readyMs, 100);
      expect(asked.reservations.hasSeat(now, most - 1, readyMs)).toBe(true);
      expect(asked.reservations.hasSeat(now, most, readyMs)).toBe(false);
    },
  );

  test('alone, where they start at once one after another, and it is not known what getting ready takes', () => {
    const asked = new Asked({ pacer: pacerOf({ ...CALLS, callsPerMinute: 60_500 }) });
    asked.flying();
    expect([0, 1].map((ready) => asked.reservations.hasSeat(0, ready, 0))).toEqual([true, false]);
  });

  test('alone, before the first call has shown how far apart they are', () => {
    const asked = new Asked({ pacer: pacerOf(CALLS) });
    expect([0, 1].map((ready) => asked.reservations.hasSeat(0, ready, 350))).toEqual([true, false]);
  });
});
