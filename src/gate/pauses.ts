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
