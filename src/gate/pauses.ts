import { type Limit, LONGEST_HINT_SECONDS } from '../domain/attempt.ts';
import type { Pause } from '../domain/events.ts';

/** Calls that may be in flight. */
const CALLS = { open: Number.POSITIVE_INFINITY, paused: 0, probing: 1 };

/** Paused or open; and in between, probing: one call at a time, until one shows that the cause is gone. */
export class PauseState {
  #state: keyof typeof CALLS = 'open';

  get paused(): boolean {
    return this.#state === 'paused';
  }

  get calls(): number {
    return CALLS[this.#state];
  }

  pause(): void {
    this.#state = 'paused';
  }

  /** One call at a time from here on. */
  resume(): void {
    this.#state = 'probing';
  }

  /** A call did not meet the cause of the pause, or none is needed to see that it is gone. */
  probeSucceeded(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }
}

/** The pauses of all scopes. */
export class Pauses {
  readonly account = new PauseState();
  readonly disk = new PauseState();
  readonly budget = new PauseState();
  readonly person = new PauseState();
  readonly #ofModel: (model: string) => readonly PauseState[];

  /** @param ofModel the pauses of one model, through any API */
  constructor(ofModel: (model: string) => readonly PauseState[]) {
    this.#ofModel = ofModel;
  }

  /** Calls that may be in flight to all models together. */
  get calls(): number {
    return Math.min(this.account.calls, this.disk.calls, this.budget.calls, this.person.calls);
  }

  /** Pauses what is not paused yet; false if all of it was. */
  pause(pause: Pause): boolean {
    const open = this.#of(pause).filter(({ paused }) => !paused);
    for (const state of open) state.pause();
    return open.length > 0;
  }

  /** Lets calls through again; at first one, if only a call shows that the cause is gone. False if none was paused. */
  resume(pause: Pause): boolean {
    const paused = this.#of(pause).filter((state) => state.paused);
    for (const state of paused) {
      state.resume();
      // The disk took what it had refused, the day's money is there, a person goes on: no probe is needed.
      if (pause.scope !== 'account' && pause.scope !== 'model') state.probeSucceeded();
    }
    return paused.length > 0;
  }

  #of(pause: Pause): readonly PauseState[] {
    return pause.scope === 'model' ? this.#ofModel(pause.model) : [this[pause.scope]];
  }
}

/** The scope alone: an event carries one, too. */
export function scopeOf(pause: Pause): Pause {
  return pause.scope === 'model' ? { scope: 'model', model: pause.model } : { scope: pause.scope };
}

/** After a cooldown one call starts at once, the next this much later (ms) ... */
const FIRST_GAP_MS = 50;
/** ... and each further gap is this part of the one before: about 20 starts in 0.65 s, all gaps together 1 s. */
const GAP_SHRINKS_TO = 0.95;
/** The ramp is over at a gap below this (ms). */
const LAST_GAP_MS = 1;

/**
 * When calls to one API and model may start after the server asked for less: when the cooldown is over, and then one by
 * one, so that those that waited do not all start at once. Times are ms of the gate's clock.
 */
export class Cooldown {
  #until = Number.NEGATIVE_INFINITY;
  #gap = 0;

  /** When the next call may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return this.#until;
  }

  /** Nothing starts before `until`. A cooldown never shortens one that runs. */
  extend(until: number): void {
    this.#until = Math.max(this.#until, until);
    this.#gap = FIRST_GAP_MS;
  }

  /** A call starts now. */
  started(now: number): void {
    if (this.#gap === 0) return;
    this.#until = now + this.#gap;
    this.#gap *= GAP_SHRINKS_TO;
    if (this.#gap < LAST_GAP_MS) this.#gap = 0;
  }
}

/**
 * How long a model cools that wants this many seconds. Hints can be absurd: after the longest wait, a call looks again.
 * What is longer than `longest` is not waited for at all, and stays as it is.
 */
export function secondsToCool(wanted: number, longest: number): number {
  return wanted <= longest ? Math.min(wanted, LONGEST_HINT_SECONDS) : wanted;
}

/**
 * Whether a refusal holds back all calls to its model. If too many calls were in flight, or held too much money, fewer
 * calls help; if even one is too many, only time does.
 */
export function coolsModel(cools: 'document' | 'model', limit: Limit | undefined, inFlight: number): boolean {
  return limit === 'concurrency' || limit === 'spending' ? inFlight === 1 : cools === 'model';
}
