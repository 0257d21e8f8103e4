import { type AttemptRecord, unheard, type Verdict } from '../../src/domain/attempt.ts';
import type { GateEvent } from '../../src/domain/events.ts';
import type { Slot, Ticket } from '../../src/domain/ports.ts';
import { limitOf } from '../../src/gate/adaptive-limit.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/gate.ts';
import { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { playInVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

export const fresh: Ticket = {
  api: 'api',
  model: 'model',
  recipe: '',
  repeated: false,
  recipeCalls: null,
  recipeCostUsd: null,
  sharesBeginning: false,
};
export const repeated: Ticket = { ...fresh, repeated: true };
export const other: Ticket = { ...fresh, model: 'other' };

export const ANSWER: Verdict = { kind: 'answer' };

export function retry(cools: 'document' | 'model', hintSeconds: number | null): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: true };
}

export const tooManyAtOnce: Verdict = {
  kind: 'retry',
  cools: 'document',
  hintSeconds: null,
  counts: false,
  limit: 'concurrency',
};

export const ANY = { concurrency: 10, concurrencyMax: 100, configuredRate: null, budget: null, budgetFor };

/** Of a run that spent nothing yet. */
function budgetFor(): Budget {
  return new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 0, perDay: false, wall: () => 0 });
}

/** One that takes no more than so many calls. */
export function limiterOf(concurrency: number | 'auto' = 10, concurrencyMax = 100): ModelLimiter {
  return new ModelLimiter('api', 'model', limitOf({ concurrency, concurrencyMax }));
}

export function recordOf(known: Partial<AttemptRecord>): AttemptRecord {
  return { ...unheard({ number: 1, startedAt: '', seconds: 0, code: '', message: '' }), ...known };
}

/** A call as it is to be made, and what it comes to. */
export interface CallPlan {
  readonly ticket?: Ticket;
  /** @default 0 */
  readonly ms?: number;
  /** @default an answer */
  readonly verdict?: Verdict;
  readonly record?: Partial<AttemptRecord>;
}

/** Calls that are made through a gate in virtual time. */
export class Calls {
  /** What became of each: when it started and ended (ms), or in words that it never started. */
  readonly became: Record<string, readonly [number, number] | string> = {};
  readonly #gate: GateControl;
  readonly #time: VirtualTime;

  constructor(gate: GateControl, time: VirtualTime) {
    this.#gate = gate;
    this.#time = time;
  }

  /** A document's way through the gate, with its call alone. */
  make(name: string, plan: CallPlan = {}): void {
    void this.hold(name, plan, (slot) => this.call(name, slot, plan));
  }

  /** The same, `atMs` from the beginning. */
  makeAt(atMs: number, name: string, plan: CallPlan = {}): void {
    this.#time.schedule(() => this.make(name, plan), atMs);
  }

  /** Does this with a slot. */
  async hold(name: string, { ticket = fresh }: CallPlan, work: (slot: Slot) => Promise<void>): Promise<void> {
    const slot = await this.#gate.slot(ticket);
    if (slot === 'closed') {
      this.note(name, 'closed');
      return;
    }
    await work(slot);
    slot.release();
  }

  async call(name: string, slot: Slot, { ms = 0, verdict = ANSWER, record = {} }: CallPlan): Promise<void> {
    const called = await slot.call(async () => {
      const startedAt = this.#time.clock.now();
      await this.#time.sleep(ms);
      this.became[name] = [startedAt, this.#time.clock.now()];
      return { outcome: { verdict, record: recordOf(record) } };
    });
    if (called === 'requeue') this.note(name, called);
  }

  /** Notes what became of one that was not called. */
  note(name: string, what: string): void {
    this.became[name] = `${what} at ${this.#time.clock.now()}`;
  }
}

/** What a gate does in virtual time, until nothing is left or `untilMs`. Resolves to what became of the calls. */
export async function withGate(
  settings: Partial<Omit<GateSettings, 'clock'>>,
  run: (calls: Calls, gate: GateControl, time: VirtualTime) => void,
  untilMs?: number,
): Promise<Calls['became']> {
  return playInVirtualTime((time) => {
    const gate = createGate({ ...ANY, ...settings, clock: time.clock });
    const calls = new Calls(gate, time);
    run(calls, gate, time);
    return calls.became;
  }, untilMs);
}

/** The events of a gate as they come, each after its time (ms). */
export function eventsOf<T>(
  gate: GateControl,
  time: VirtualTime,
  view: (event: GateEvent) => T,
): (readonly [number, T])[] {
  const events: (readonly [number, T])[] = [];
  gate.events.subscribe((event) => events.push([time.clock.now(), view(event)]));
  return events;
}
