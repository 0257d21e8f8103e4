/** Fewer latencies than this say nothing. */
const FEWEST = 8;

/**
 * The latencies of about one round trip, as logarithms of milliseconds: so a few slow calls weigh little, and ratios are
 * differences.
 */
export class LatencyRound {
  readonly begin: number;
  #count = 0;
  #latency = 0;
  #squares = 0;
  #inFlight = 0;

  /** @param begin only calls that went out from here on belong to it (ms) */
  constructor(begin: number) {
    this.begin = begin;
  }

  add(latency: number, inFlight: number): void {
    const deviation = latency - this.#latency;
    this.#count += 1;
    this.#latency += deviation / this.#count;
    this.#squares += deviation * (latency - this.#latency);
    this.#inFlight += (inFlight - this.#inFlight) / this.#count;
  }

  /** Takes the latencies of `other` as its own. */
  absorb(other: LatencyRound): void {
    const count = this.#count + other.#count;
    const difference = other.#latency - this.#latency;
    this.#squares += other.#squares + (difference ** 2 * this.#count * other.#count) / count;
    this.#latency += (difference * other.#count) / count;
    this.#count = count;
  }

  /** Whether enough calls came back, where so many may be in flight. */
  isOver(calls: number): boolean {
    return this.#count >= Math.max(FEWEST, calls / 2);
  }

  /** Calls in flight when these went out, on average. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The logarithm of their geometric mean. */
  get latency(): number {
    return this.#latency;
  }

  /** The square of the standard error of `latency`. */
  get variance(): number {
    return this.#squares / (this.#count * (this.#count - 1));
  }
}
