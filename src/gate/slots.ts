/** Documents that hold a slot and answers that are being filed are at most this many times the limit of calls together. */
const WITH_UNSETTLED = 2;

/**
 * How many calls may be in flight, and how many documents hold a slot: those in flight and those that get ready.
 * Repeated attempts hold at most half of the slots while fresh documents wait, so that a sick document never starves
 * the others.
 */
export class SlotCounts {
  readonly limit: number;
  /** Calls. */
  inFlight = 0;
  /** Answers that are being filed. */
  unsettled = 0;
  #held = 0;
  #heldByRepeated = 0;

  /** Calls in flight, at most. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether one more call may be in flight, if no more than `allowed` may be. */
  mayStart(allowed: number): boolean {
    return this.inFlight < Math.min(this.limit, allowed);
  }

  /** Whether one more document may hold a slot, `beyond` those that may be in flight. */
  hasSlot(allowed: number, beyond: number): boolean {
    const held = this.#held - beyond;
    return held < Math.min(this.limit, allowed) && held + this.unsettled < this.limit * WITH_UNSETTLED;
  }

  /** True while another repeated attempt may go before a fresh document. */
  get repeatedMayGoFirst(): boolean {
    return this.#heldByRepeated < Math.max(1, Math.floor(this.limit / 2));
  }

  /** A slot was taken, or given back. */
  count(repeated: boolean, by: 1 | -1): void {
    this.#held += by;
    if (repeated) this.#heldByRepeated += by;
  }
}

/** How much a new measurement counts against those before it. */
const WEIGHT = 0.1;

/** Calls do not end evenly: of as many again as end in the mean, some are ready also when more of them end at once. */
const MARGIN = 2;

/**
 * How many documents get ready beside those in flight, so that a call is ready whenever another one ends: twice as many
 * as calls end in the time that getting ready takes (Little's law). If calls take seconds that is none: getting ready
 * takes milliseconds, and a call that is ready too early only waits.
 */
export class Prefetch {
  #readyMs: number | null = null;
  #callMs: number | null = null;

  /** From a slot to the call, without the waits for a reservation. */
  tookToGetReady(ms: number): void {
    this.#readyMs = mean(this.#readyMs, ms);
  }

  tookToCall(ms: number): void {
    this.#callMs = mean(this.#callMs, ms);
  }

  /** What getting ready takes, in the mean; 0 before it is known. */
  get readyMs(): number {
    return this.#readyMs ?? 0;
  }

  /** Documents to get ready beside `calls` that are in flight; as many again at most. */
  beyond(calls: number): number {
    if (this.#readyMs === null || this.#callMs === null || !Number.isFinite(calls)) return 0;
    return Math.min(calls, Math.round((MARGIN * calls * this.#readyMs) / Math.max(this.#callMs, 1)));
  }

  /** Documents to get ready for a rate at which calls may start. */
  forRate(perSecond: number): number {
    return Math.max(1, Math.ceil((perSecond * this.readyMs) / 1000));
  }
}

function mean(before: number | null, now: number): number {
  return before === null ? now : before + WEIGHT * (now - before);
}
