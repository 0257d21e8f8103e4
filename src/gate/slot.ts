import type { CallResult, Demand, Grant, Slot, Ticket } from '../domain/ports.ts';
import type { CallStart } from './adaptive-limit.ts';
import type { Reservation } from './budget.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { ModelLimiter } from './model-limiter.ts';
import type { RecipeGuest, RecipeLimit } from './recipe-limits.ts';
import type { CallReservation } from './reservations.ts';

/** A document at the gate, from asking for a slot to its release. */
export class GateSlot implements Slot, RecipeGuest {
  readonly ticket: Ticket;
  recipeMoney: Reservation | null = null;
  readonly #dispatcher: Dispatcher;
  readonly #limiter: ModelLimiter;
  readonly #recipe: RecipeLimit;
  #state:
    | 'waits for its recipe'
    | 'waits for a slot'
    | 'getting ready'
    | 'ready'
    | 'in flight'
    | 'settling'
    | 'released' = 'waits for its recipe';
  /** Ends the wait for a slot, or for the start of its call. */
  #answer: (() => void) | null = null;
  #heldSince = 0;
  /** For reservations: not part of the time that it takes to get ready. */
  #waitedMs = 0;
  #reservation: CallReservation | null = null;
  /** Null unless its call is in flight. */
  #start: CallStart | null = null;

  constructor(ticket: Ticket, dispatcher: Dispatcher, recipe: RecipeLimit) {
    this.ticket = ticket;
    this.#dispatcher = dispatcher;
    this.#limiter = dispatcher.limiters.of(ticket);
    this.#recipe = recipe;
  }

  /** Resolves when the slot is held. `closed`: nothing starts any more. */
  acquire(): Promise<Slot | 'closed'> {
    return new Promise((resolve) => {
      this.#answer = () => resolve(this.#state === 'released' ? 'closed' : this);
      this.#recipe.enter(this);
    });
  }

  grant(): void {
    if (this.#state === 'waits for its recipe') {
      this.#state = 'waits for a slot';
      this.#dispatcher.join(this, this.#limiter);
      return;
    }
    const { now } = this.#dispatcher;
    if (this.#state === 'waits for a slot') {
      this.#state = 'getting ready';
      this.#heldSince = now;
    } else {
      this.#state = 'in flight';
      this.#start = this.#limiter.started(now);
    }
    this.#answer?.();
  }

  refuse(): void {
    if (this.#state === 'ready') this.#state = 'getting ready';
    else {
      if (this.#state === 'waits for a slot') this.#recipe.leave(this);
      this.#state = 'released';
    }
    this.#answer?.();
  }

  reserve(demand: Demand): Promise<Grant> {
    const { clock, reservations } = this.#dispatcher;
    const since = clock.now();
    if (this.#dispatcher.isShut(this.#limiter, since)) return Promise.resolve({ kind: 'requeue' });
    const grant = this.#recipe.reserve(this, demand.worstUsd);
    if (grant === 'later') return Promise.resolve({ kind: 'requeue' });
    if (grant.kind !== 'reserved' || !reservations.needed) return Promise.resolve(grant);
    return new Promise((resolve) => {
      this.#reservation = reservations.ask(since, this.#limiter, demand, (answer) => {
        this.#waitedMs += clock.now() - since;
        resolve(answer);
      });
      this.#dispatcher.startWaiting();
    });
  }

  async call<T extends { readonly outcome: CallResult }>(call: () => Promise<T>): Promise<T | 'requeue'> {
    this.#joinReady();
    // Resolves when it is granted its start, or refused.
    if (this.#state === 'ready') await new Promise<void>((resolve) => (this.#answer = resolve));
    if (this.#state !== 'in flight') return 'requeue';
    try {
      const value = await call();
      const now = this.#dispatcher.clock.now();
      const { record } = value.outcome;
      if (this.#reservation !== null) this.#dispatcher.reservations.charge(now, this.#reservation, record);
      this.#dispatcher.report(now, this.#limiter, this.#start, this.ticket.repeated, value.outcome);
      this.#recipe.charge(this, now, record);
      return value;
    } finally {
      this.#finish();
    }
  }

  settling(): void {
    if (this.#state === 'settling' || this.#state === 'released') return;
    const { clock, slots, reservations } = this.#dispatcher;
    if (this.#limiter.ready.delete(this)) this.#answer?.();
    this.#finish();
    this.#state = 'settling';
    this.#limiter.slots -= 1;
    slots.count(this.ticket.repeated, -1);
    slots.unsettled += 1;
    if (this.#reservation !== null) reservations.release(clock.now(), this.#reservation);
    this.#dispatcher.startWaiting();
    this.#recipe.leave(this);
  }

  release(): void {
    if (this.#state === 'released') return;
    this.settling();
    this.#state = 'released';
    this.#dispatcher.slots.unsettled -= 1;
    this.#dispatcher.startWaiting();
  }

  /** Ready for its call, which may start at once; unless that would be too long a wait. */
  #joinReady(): void {
    const now = this.#dispatcher.clock.now();
    if (this.#state !== 'getting ready' || this.#dispatcher.isShut(this.#limiter, now)) return;
    this.#limiter.prefetch.tookToGetReady(now - this.#heldSince - this.#waitedMs);
    this.#limiter.ready.add(this);
    this.#state = 'ready';
    this.#dispatcher.startWaiting();
  }

  /** Its call, if any, is no longer in flight. */
  #finish(): void {
    if (this.#start === null) return;
    this.#limiter.finished(this.#dispatcher.clock.now(), this.#start);
    this.#dispatcher.slots.inFlight -= 1;
    this.#start = null;
    if (this.#state === 'in flight') this.#state = 'getting ready';
    this.#dispatcher.startWaiting();
  }
}
