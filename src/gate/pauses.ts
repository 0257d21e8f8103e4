import type { Pause } from '../domain/events.ts';
import type { Lanes } from './model-limiters.ts';
import { Hold } from './pause.ts';

/** The pauses of each scope, and what a pause of one means for all calls. */
export class Holds {
  readonly account = new Hold();
  readonly disk = new Hold();
  readonly budget = new Hold();
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** Calls that may be in flight to all models together. */
  get calls(): number {
    return Math.min(this.account.calls, this.disk.calls, this.budget.calls);
  }

  /** Pauses what is not paused yet; false where all of it was. */
  pause(pause: Pause): boolean {
    const holds = this.#of(pause).filter((hold) => !hold.paused);
    for (const hold of holds) hold.pause();
    return holds.length > 0;
  }

  /** Lets calls through again: one to see, where that is to be seen. False where nothing was paused. */
  resume(pause: Pause): boolean {
    const holds = this.#of(pause).filter((hold) => hold.paused);
    for (const hold of holds) {
      hold.resume();
      // A disk that took what it had refused is well, and a new day has its money.
      if (pause.scope === 'disk' || pause.scope === 'budget') hold.proven();
    }
    return holds.length > 0;
  }

  #of(pause: Pause): readonly Hold[] {
    if (pause.scope !== 'model') return [this[pause.scope]];
    return this.#lanes.to(pause.model).map(({ hold }) => hold);
  }
}

/** The scope alone, of whatever else carries one. */
export function scopeOf(pause: Pause): Pause {
  return pause.scope === 'model' ? { scope: 'model', model: pause.model } : { scope: pause.scope };
}
