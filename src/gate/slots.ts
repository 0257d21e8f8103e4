/** Slots that are held and answers that are being filed are together at most this many times the limit of calls. */
const WITH_UNSETTLED = 2;

/**
 * Counts calls in flight and slots: those of calls in flight, and of documents that get ready. Repeated attempts hold at
 * most half of the slots while fresh documents wait, so that failing documents never starve the others.
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

  /** Whether one more call may be in flight. `allowed`: at most, for now. */
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

/** The part of a mean that a new measurement makes. */
const WEIGHT = 0.1;

/** Times the documents that are needed in the mean: calls do not end evenly. */
const MARGIN = 2;

/**
 * How many documents get ready beside those in flight, so that a call is ready whenever another one ends: twice as many
 * as calls end in the time that getting ready takes (Little's law). That takes ms; if calls take seconds, it is none.
 */
export class Prefetch {
  #readyMs: number | null = null;
  #callMs: number | null = null;

  /** From a slot to being ready for the call, without the waits for a reservation. */
  tookToGetReady(ms: number): void {
    this.#readyMs = mean(this.#readyMs, ms);
  }

  tookToCall(ms: number): void {
    this.#callMs = mean(this.#callMs, ms);
  }

  /** The mean; 0 before it is known. */
  get readyMs(): number {
    return this.#readyMs ?? 0;
  }

  /** Documents to get ready beside `calls` that may be in flight; as many again at most. */
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
