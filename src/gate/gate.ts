import { ReplaySubject } from 'rxjs';
import type { Stop } from '../domain/events.ts';
import type { Gate } from '../domain/ports.ts';
import type { Budget } from './budget.ts';
import { Dispatcher, type DispatcherSettings } from './dispatcher.ts';
import { RecipeLimits } from './recipe-limits.ts';
import { GateSlot } from './slot.ts';

export interface GateSettings extends DispatcherSettings {
  /** What is spent with a recipe, over all its models. Tickets say the limit: a recipe can be edited meanwhile. */
  readonly budgetFor: (recipe: string) => Budget;
}

/** The side of the gate that a run holds. */
export interface GateControl extends Gate {
  /** No further call starts; those that wait are turned away. The first reason counts. */
  close(reason: Stop): void;
  /** Cuts off the calls in flight. */
  cut(): void;
  /** How many calls are in flight, and may be as things are, to all models together. */
  calls(): { readonly inFlight: number; readonly atMost: number };
}

/** Decides when the next call may start: by slots, rates, cooldowns, pauses and money, for each API and model. */
export function createGate(settings: GateSettings): GateControl {
  const dispatcher = new Dispatcher(settings);
  const recipes = new RecipeLimits(settings.budgetFor, () => settings.clock.now());
  const closing = new ReplaySubject<Stop>(1);
  const cutting = new ReplaySubject<void>(1);

  return {
    events: dispatcher.events.asObservable(),
    closing: closing.asObservable(),
    cutting: cutting.asObservable(),
    slot: (ticket) =>
      dispatcher.closed ? Promise.resolve('closed') : new GateSlot(ticket, dispatcher, recipes.of(ticket)).acquire(),
    pause: (pause, reason) => dispatcher.pause(pause, reason),
    resume: (pause) => dispatcher.resume(pause),
    close: (reason) => {
      if (dispatcher.closed) return;
      dispatcher.close();
      recipes.refuseAll();
      closing.next(reason);
    },
    cut: () => cutting.next(),
    calls: () => dispatcher.calls,
  };
}
