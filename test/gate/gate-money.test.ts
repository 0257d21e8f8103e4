import { describe, expect, test } from '@jest/globals';
import { concat, concatMap, defaultIfEmpty, delay, map, of, take, tap } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { Demand } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import { Pacer } from '../../src/gate/rate-limit.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { ANY, fresh, recordOf, withGate } from './with-gate.ts';

describe('the gate, with a budget', () => {
  const demand: Demand = { promptTokens: 10, maxTokens: 10, worstUsd: 0.4 };

  /** A document whose call takes 5 ms and then costs this. */
  function paid(gate: GateControl, { cold }: RunHelpers, costUsd: number, wanted: Partial<Demand> = {}) {
    return gate.admit(fresh, (seat) =>
      seat
        .reserve({ ...demand, ...wanted })
        .pipe(
          concatMap((answer) =>
            answer.kind === 'unaffordable'
              ? of(answer.kind)
              : seat.fly(() =>
                  cold('-----a|').pipe(
                    tap(() =>
                      seat.heed({ verdict: { kind: 'answer' }, record: recordOf({ billing: 'known', costUsd }) }),
                    ),
                  ),
                ),
          ),
        ),
    );
  }

  test('a call that does not fit beside those in flight waits for what they really cost', () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    withGate({ concurrency: 10, budget }, (gate, helpers) => {
      const { expectObservable } = helpers;
      expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
      expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
      expectObservable(paid(gate, helpers, 0.1)).toBe('-----------a|');
      expectObservable(gate.events).toBe('');
    });
    expect(budget.spentUsd).toBe(0.3);
  });

  test('pauses when nothing is in flight and the rest is too little for any that waits', () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    withGate({ concurrency: 1, budget }, (gate, helpers) => {
      const { expectObservable } = helpers;
      expectObservable(paid(gate, helpers, 0.7)).toBe('-----a|');
      // Sent back, to stand in line.
      expectObservable(paid(gate, helpers, 0.1)).toBe('------|');
      expectObservable(gate.events.pipe(map(({ type }) => type))).toBe('------p', { p: 'gate-paused' });
    });
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.7, 0]);
  });

  test('goes on by itself when the day ends', () => {
    const { scheduler, clock } = virtualTime();
    const day = 24 * 60 * 60 * 1000;
    const wall = () => day - 1000 + scheduler.now();
    const budget = new Budget({ limitUsd: 1, spentUsd: 0.9, perDay: true, wall });
    scheduler.run((helpers) => {
      const gate = createGate({ ...ANY, concurrency: 1, budget, clock: { ...clock, wall } });
      helpers
        .expectObservable(gate.events.pipe(map((event) => [event.type, 'until' in event ? event.until : null])))
        .toBe('p 999ms r', { p: ['gate-paused', day], r: ['gate-resumed', null] });
      const inLineAgain = concat(paid(gate, helpers, 0.1), paid(gate, helpers, 0.1)).pipe(take(1));
      helpers.expectObservable(inLineAgain).toBe('1005ms (a|)');
    });
    expect(budget.spentUsd).toBe(0.1);
  });

  test('tells that a call can never be afforded, and lets the others go on', () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    withGate({ concurrency: 1, budget }, (gate, helpers) => {
      helpers.expectObservable(paid(gate, helpers, 0, { worstUsd: 1.5 })).toBe('(x|)', { x: 'unaffordable' });
      helpers.expectObservable(paid(gate, helpers, 0, { worstUsd: null })).toBe('(x|)', { x: 'unaffordable' });
      helpers.expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
    });
    expect(budget.spentUsd).toBe(0.1);
  });

  test('tells so also while rates hold the others back, and does not take the budget for used up', () => {
    const budget = new Budget({ limitUsd: 10, spentUsd: 0, perDay: false, wall: () => 0 });
    const pacer = new Pacer({ callsPerMinute: 605, tokensPerMinute: null, recent: [], now: 0 });
    withGate({ concurrency: 10, budget, pacer }, (gate, helpers) => {
      const { expectObservable } = helpers;
      expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
      expectObservable(paid(gate, helpers, 0.1, { worstUsd: 11 })).toBe('90ms (x|)', { x: 'unaffordable' });
      expectObservable(paid(gate, helpers, 0.1)).toBe('95ms a|');
      expectObservable(gate.events).toBe('');
    });
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.2, 0]);
  });

  test('closed by whoever hears that it is used up, leaves no timer until the day ends', () => {
    const { scheduler, clock } = virtualTime();
    const budget = new Budget({ limitUsd: 1, spentUsd: 0.9, perDay: true, wall: () => scheduler.now() });
    scheduler.run((helpers) => {
      const gate = createGate({ ...ANY, budget, clock });
      gate.events.subscribe(() => gate.close('budget'));
      helpers.expectObservable(paid(gate, helpers, 0.1)).toBe('|');
      helpers.expectObservable(gate.closing).toBe('b', { b: 'budget' });
      helpers.flush();
      expect(scheduler.now()).toBe(0);
    });
  });

  test('takes what a call that never left would have used for nothing: neither money nor tokens', () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    const pacer = new Pacer({ callsPerMinute: null, tokensPerMinute: 60_500, recent: [], now: 0 });
    withGate({ budget, pacer }, (gate, { expectObservable, flush }, at) => {
      const recalled = gate.admit(fresh, (seat) =>
        seat.reserve({ ...demand, promptTokens: 30_000 }).pipe(
          delay(10),
          concatMap(() => seat.fly(() => of('flew'))),
          defaultIfEmpty('sent back'),
        ),
      );
      expectObservable(recalled).toBe('10ms (s|)', { s: 'sent back' });
      at(5, () => {
        expect([budget.reservedUsd, pacer.nextStart]).toEqual([0.4, 30_000]);
        gate.pause({ scope: 'disk' }, 'full');
      });
      flush();
    });
    expect([budget.spentUsd, budget.reservedUsd, pacer.nextStart]).toEqual([0, 0, 0]);
  });
});
