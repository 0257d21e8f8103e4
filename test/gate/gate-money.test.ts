import { describe, expect, test } from '@jest/globals';
import type { Demand } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { ConfiguredRate } from '../../src/gate/configured-rate.ts';
import { createGate } from '../../src/gate/gate.ts';
import { playInVirtualTime } from '../support/virtual-time.ts';
import { ANY, Calls, eventsOf, withGate } from './with-gate.ts';

const DEMAND: Demand = { promptTokens: 10, maxTokens: 10, worstUsd: 0.4 };

/** A document whose call takes 5 ms and then costs this. */
async function pay(calls: Calls, name: string, costUsd: number, wanted: Partial<Demand> = {}): Promise<void> {
  await calls.hold(name, {}, async (slot) => {
    const { kind } = await slot.reserve({ ...DEMAND, ...wanted });
    if (kind === 'reserved') await calls.call(name, slot, { ms: 5, record: { billing: 'known', costUsd } });
    else calls.note(name, kind);
  });
}

describe('the gate, with a budget', () => {
  test('a call that does not fit beside those in flight waits for what they really cost', async () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    let events: unknown[] = [];
    const became = await withGate({ concurrency: 10, budget }, (calls, gate, time) => {
      events = eventsOf(gate, time, (event) => event);
      for (const name of ['a', 'b', 'c']) void pay(calls, name, 0.1);
    });
    expect(became).toEqual({ a: [0, 5], b: [0, 5], c: [5, 10] });
    expect(events).toEqual([]);
    expect(budget.spentUsd).toBe(0.3);
  });

  test('pauses when nothing is in flight and the rest is too little for any that waits', async () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    let events: unknown[] = [];
    const became = await withGate({ concurrency: 1, budget }, (calls, gate, time) => {
      events = eventsOf(gate, time, ({ type }) => type);
      void pay(calls, 'a', 0.7);
      void pay(calls, 'b', 0.1);
    });
    // Sent back, to stand in line.
    expect(became).toEqual({ a: [0, 5], b: 'requeue at 5' });
    expect(events).toEqual([[5, 'gate-paused']]);
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.7, 0]);
  });

  test('goes on by itself when the day ends', async () => {
    const day = 24 * 60 * 60 * 1000;
    let budget: Budget | undefined;
    let events: unknown[] = [];
    const calls = await playInVirtualTime((time) => {
      const wall = (): number => day - 1000 + time.clock.now();
      budget = new Budget({ limitUsd: 1, spentUsd: 0.9, perDay: true, wall });
      const gate = createGate({ ...ANY, concurrency: 1, budget, clock: { ...time.clock, wall } });
      events = eventsOf(gate, time, (event) => [event.type, 'until' in event ? event.until : null]);
      const made = new Calls(gate, time);
      // In line again after it is sent back.
      void pay(made, 'a', 0.1).then(() => pay(made, 'a', 0.1));
      return made;
    });
    expect(calls.became).toEqual({ a: [1000, 1005] });
    expect(events).toEqual([
      [0, ['gate-paused', day]],
      [1000, ['gate-resumed', null]],
    ]);
    expect(budget?.spentUsd).toBe(0.1);
  });

  test('says that a call can never be afforded, and lets the others go on', async () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    const became = await withGate({ concurrency: 1, budget }, (calls) => {
      void pay(calls, 'a', 0, { worstUsd: 1.5 });
      void pay(calls, 'b', 0, { worstUsd: null });
      void pay(calls, 'c', 0.1);
    });
    expect(became).toEqual({ a: 'unaffordable at 0', b: 'unaffordable at 0', c: [0, 5] });
    expect(budget.spentUsd).toBe(0.1);
  });

  test('says so also while rates hold the others back, and does not take the budget for used up', async () => {
    const budget = new Budget({ limitUsd: 10, spentUsd: 0, perDay: false, wall: () => 0 });
    const configuredRate = new ConfiguredRate({ callsPerMinute: 605, tokensPerMinute: null, recent: [], now: 0 });
    let events: unknown[] = [];
    const became = await withGate({ concurrency: 10, budget, configuredRate }, (calls, gate, time) => {
      events = eventsOf(gate, time, (event) => event);
      void pay(calls, 'a', 0.1);
      void pay(calls, 'b', 0.1, { worstUsd: 11 });
      void pay(calls, 'c', 0.1);
    });
    expect(became).toEqual({ a: [0, 5], b: 'unaffordable at 90', c: [90, 95] });
    expect(events).toEqual([]);
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.2, 0]);
  });

  test('closed by a listener that hears that it is used up, leaves no timer until the day ends', async () => {
    const reasons: unknown[] = [];
    const { calls, time } = await playInVirtualTime((played) => {
      const budget = new Budget({ limitUsd: 1, spentUsd: 0.9, perDay: true, wall: () => played.clock.now() });
      const gate = createGate({ ...ANY, budget, clock: played.clock });
      gate.events.subscribe(() => gate.close('budget'));
      gate.closing.subscribe((reason) => reasons.push(reason));
      const made = new Calls(gate, played);
      void pay(made, 'a', 0.1);
      return { calls: made, time: played };
    });
    expect(calls.became).toEqual({ a: 'requeue at 0' });
    expect(reasons).toEqual(['budget']);
    expect(time.clock.now()).toBe(0);
  });

  test('counts what a call that never left would have used as nothing: neither money nor tokens', async () => {
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
    const configuredRate = new ConfiguredRate({ callsPerMinute: null, tokensPerMinute: 60_500, recent: [], now: 0 });
    let meanwhile: unknown;
    const became = await withGate({ budget, configuredRate }, (calls, gate, { sleep, schedule }) => {
      void calls.hold('a', {}, async (slot) => {
        await slot.reserve({ ...DEMAND, promptTokens: 30_000 });
        await sleep(10);
        await calls.call('a', slot, {});
      });
      schedule(() => {
        meanwhile = [budget.reservedUsd, configuredRate.nextStart];
        gate.pause({ scope: 'disk' }, 'full');
      }, 5);
    });
    expect(meanwhile).toEqual([0.4, 30_000]);
    expect(became).toEqual({ a: 'requeue at 10' });
    expect([budget.spentUsd, budget.reservedUsd, configuredRate.nextStart]).toEqual([0, 0, 0]);
  });
});
