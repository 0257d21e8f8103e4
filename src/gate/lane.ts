import { Cooldown } from './cooldown.ts';
import { WaitingLine } from './waiting-line.ts';

/** What belongs to one API and model: who waits, and what holds them back. */
export class Lane {
  readonly model: string;
  readonly line = new WaitingLine();
  readonly cooldown = new Cooldown();
  readonly hold = new Hold();

  constructor(model: string) {
    this.model = model;
  }
}

/** A pause, and the caution after it: one call at a time, until one of them shows that the cause is mended. */
export class Hold {
  #state: 'open' | 'paused' | 'probing' = 'open';
  #inFlight = 0;

  get paused(): boolean {
    return this.#state === 'paused';
  }

  get lets(): boolean {
    return this.#state === 'open' || (this.#state === 'probing' && this.#inFlight === 0);
  }

  pause(): void {
    this.#state = 'paused';
  }

  /** Lets one call through, to see. */
  resume(): void {
    this.#state = 'probing';
  }

  /** A call came back with something else than the cause of a pause. */
  proven(): void {
    if (this.#state === 'probing') this.#state = 'open';
  }

  started(): void {
    this.#inFlight += 1;
  }

  ended(): void {
    this.#inFlight -= 1;
  }
}
