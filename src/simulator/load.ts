/** One second in which something happened. */
export interface LoadSecond {
  /** Since counting began, from 0. */
  readonly second: number;
  /** Good answers that were sent to the end. */
  readonly answered: number;
  /** Calls that were refused: no model got them. */
  readonly refused: number;
  /** The most calls at once, refused ones too. */
  readonly inFlight: number;
}

/** The calls of the simulator, in total and second by second. */
export interface Load {
  readonly calls: number;
  readonly answered: number;
  readonly refused: number;
  readonly mostInFlight: number;
  /** The last hour at most; seconds in which nothing happened are left out. */
  readonly seconds: readonly LoadSecond[];
}

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] };

const KEPT_SECONDS = 3_600;

/** Counts calls by the second. Callers pass the time, in milliseconds of any clock that never goes back. */
export class LoadCounter {
  readonly #totals = { calls: 0, answered: 0, refused: 0 };
  readonly #inFlight = new Gauge();
  readonly #seconds: Mutable<LoadSecond>[] = [];
  #startedMs: number;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  /** Call the returned function once, when the call has ended. */
  arrived(nowMs: number): () => void {
    const left = this.#inFlight.enter();
    const second = this.#secondAt(nowMs);
    second.inFlight = Math.max(second.inFlight, this.#inFlight.inside);
    this.#totals.calls += 1;
    return left;
  }

  answered(nowMs: number): void {
    this.#secondAt(nowMs).answered += 1;
    this.#totals.answered += 1;
  }

  refused(nowMs: number): void {
    this.#secondAt(nowMs).refused += 1;
    this.#totals.refused += 1;
  }

  load(): Load {
    return {
      ...this.#totals,
      mostInFlight: this.#inFlight.most,
      seconds: this.#seconds.map((second) => ({ ...second })),
    };
  }

  /** Starts again at zero; calls in flight stay in flight. */
  restart(nowMs: number): void {
    Object.assign(this.#totals, { calls: 0, answered: 0, refused: 0 });
    this.#inFlight.restart();
    this.#seconds.length = 0;
    this.#startedMs = nowMs;
  }

  #secondAt(nowMs: number): Mutable<LoadSecond> {
    const second = Math.floor((nowMs - this.#startedMs) / 1000);
    const last = this.#seconds.at(-1);
    if (last?.second === second) return last;
    const begun = { second, answered: 0, refused: 0, inFlight: this.#inFlight.inside };
    this.#seconds.push(begun);
    if (this.#seconds.length > KEPT_SECONDS) this.#seconds.shift();
    return begun;
  }
}

/** How much is inside now, and the most since the last restart. */
export class Gauge {
  #inside = 0;
  #most = 0;

  get inside(): number {
    return this.#inside;
  }

  get most(): number {
    return this.#most;
  }

  /** Call the returned function once, to leave. */
  enter(amount = 1): () => void {
    this.#inside += amount;
    this.#most = Math.max(this.#most, this.#inside);
    return () => {
      this.#inside -= amount;
    };
  }

  /** Forgets the most so far. */
  restart(): void {
    this.#most = this.#inside;
  }
}
