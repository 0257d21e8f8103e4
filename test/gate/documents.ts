import type { Verdict } from '../../src/domain/attempt.ts';
import type { Demand, Slot, Ticket } from '../../src/domain/ports.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/gate.ts';
import { playInVirtualTime, type VirtualTime } from '../support/virtual-time.ts';
import { ANSWER, ANY, fresh, recordOf } from './with-gate.ts';

const DEMAND: Demand = { promptTokens: 10, maxTokens: 10, worstUsd: 0.001 };

export interface Way {
  readonly ticket?: Ticket;
  /** From its slot until it asks for money and rates, ms. */
  readonly readyMs?: number;
  readonly callMs?: number;
  readonly verdict?: Verdict;
}

/** Documents on their way through a gate, and where they are. */
export class Documents {
  readonly #gate: GateControl;
  readonly #time: VirtualTime;
  readonly #ready = new Set<Slot>();
  /** Slots that were given. */
  slots = 0;
  /** Those that got ready or waited at once, at most. */
  mostReady = 0;
  /** Those that were granted money and rates. */
  reserved = 0;
  inFlight = 0;
  /** Calls that were made. */
  calls = 0;
  /** From asking for money and rates to the call, at most, ms. */
  longestWaitMs = 0;

  constructor(gate: GateControl, time: VirtualTime) {
    this.#gate = gate;
    this.#time = time;
  }

  /** One of them; resolves to what became of it. */
  async one(way: Way): Promise<'answered' | 'sent back' | 'closed'> {
    const slot = await this.#gate.slot(way.ticket ?? fresh);
    if (slot === 'closed') return slot;
    this.slots += 1;
    this.#ready.add(slot);
    this.mostReady = Math.max(this.mostReady, this.#ready.size);
    try {
      return (await this.#ask(slot, way)) ? 'answered' : 'sent back';
    } finally {
      this.#ready.delete(slot);
      slot.release();
    }
  }

  /** So many of them, each in line again whenever it is sent back. */
  send(count: number, way: Way): void {
    for (let index = 0; index < count; index += 1) void this.#untilAnswered(way);
  }

  async #untilAnswered(way: Way): Promise<void> {
    for (;;) if ((await this.one(way)) !== 'sent back') return;
  }

  async #ask(slot: Slot, { readyMs = 0, callMs = 5, verdict = ANSWER }: Way): Promise<boolean> {
    await this.#time.sleep(readyMs);
    const askedAt = this.#time.clock.now();
    const { kind } = await slot.reserve(DEMAND);
    if (kind !== 'reserved') return false;
    this.reserved += 1;
    const called = await slot.call(async () => {
      this.#ready.delete(slot);
      this.inFlight += 1;
      this.calls += 1;
      this.longestWaitMs = Math.max(this.longestWaitMs, this.#time.clock.now() - askedAt);
      await this.#time.sleep(callMs);
      this.inFlight -= 1;
      return { outcome: { verdict, record: recordOf({ billing: verdict === ANSWER ? 'known' : 'none' }) } };
    });
    return called !== 'requeue';
  }
}

/** Runs a test in virtual time with documents at a gate, which closes after a minute. */
export async function withDocuments(
  settings: Partial<Omit<GateSettings, 'clock'>>,
  run: (documents: Documents, gate: GateControl, time: VirtualTime) => void,
): Promise<void> {
  await playInVirtualTime((time) => {
    const gate = createGate({ ...ANY, ...settings, clock: time.clock });
    run(new Documents(gate, time), gate, time);
    time.schedule(() => gate.close('signal'), 60_000);
  });
}
