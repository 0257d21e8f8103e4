import { ReplaySubject } from 'rxjs';
import type { Pause, Stop } from '../domain/events.ts';
import type { Gate, Slot, Ticket } from '../domain/ports.ts';
import { Dispatcher, type DispatcherSettings } from './dispatcher.ts';
import { type RecipeLimitSettings, RecipeLimits } from './recipe-limits.ts';
import { GateSlot } from './slot.ts';

export interface GateSettings extends DispatcherSettings, RecipeLimitSettings {}

/** The side of the gate that a run holds. */
export interface GateControl extends Gate {
  /** No further call starts; those that wait are turned away. The first reason counts. */
  close(reason: Stop): void;
  /** Cuts off the calls in flight. */
  cut(): void;
}

/** Decides when the next call may start: by slots, rates, cooldowns, pauses and money, for each API and model. */
export function createGate(settings: GateSettings): GateControl {
  return new TicketGate(settings);
}

class TicketGate implements GateControl {
  readonly #dispatcher: Dispatcher;
  readonly #recipes: RecipeLimits;
  readonly #closing = new ReplaySubject<Stop>(1);
  readonly #cutting = new ReplaySubject<void>(1);
  readonly events;
  readonly closing = this.#closing.asObservable();
  readonly cutting = this.#cutting.asObservable();

  constructor(settings: GateSettings) {
    this.#dispatcher = new Dispatcher(settings);
    this.#recipes = new RecipeLimits(settings, () => settings.clock.now());
    this.events = this.#dispatcher.events.asObservable();
  }

  slot(ticket: Ticket): Promise<Slot | 'closed'> {
    if (this.#dispatcher.closed) return Promise.resolve('closed');
    return new GateSlot(ticket, this.#dispatcher, this.#recipes.of(ticket)).acquire();
  }

  pause(pause: Pause, reason: string): void {
    this.#dispatcher.pause(pause, reason);
  }

  resume(pause: Pause): void {
    this.#dispatcher.resume(pause);
  }

  close(reason: Stop): void {
    if (this.#dispatcher.closed) return;
    this.#dispatcher.close();
    this.#recipes.refuseAll();
    this.#closing.next(reason);
  }

  cut(): void {
    this.#cutting.next();
  }
}
