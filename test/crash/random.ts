import { draw } from '../../src/simulator/fault-plan.ts';

/** Draws that are the same for the same seed. */
export class Random {
  readonly #seed: number;
  #draws = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#draws += 1;
    return draw(this.#seed, '0', this.#draws, 0);
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.whole(0, values.length - 1)] ?? values[0];
  }
}
