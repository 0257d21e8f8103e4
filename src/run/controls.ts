import type { GateControl } from '../gate/gate.ts';

/** What a person at the screen sees of the calls of a run, and can do: over all the sessions of a daemon. */
export class RunControls {
  #gate: GateControl | null = null;
  #paused = false;

  /** A session began: its gate is as the one before it was left. */
  take(gate: GateControl): void {
    this.#gate = gate;
    if (this.#paused) this.#pause();
  }

  /** Calls in flight, and how many may be. */
  get calls(): { readonly inFlight: number; readonly atMost: number } {
    return this.#gate?.calls() ?? { inFlight: 0, atMost: 0 };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** No new call, until the next time; calls in flight finish. */
  togglePause(): void {
    this.#paused = !this.#paused;
    if (this.#paused) this.#pause();
    else this.#gate?.resume({ scope: 'person' });
  }

  #pause(): void {
    this.#gate?.pause({ scope: 'person' }, 'no new call, until you press p');
  }
}
