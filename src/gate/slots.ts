/** Documents that hold a seat and answers that are being filed are at most this many times the limit of calls together. */
const WITH_UNSETTLED = 2;

/**
 * How many calls may be in flight, and how many documents hold a seat: those in flight and those that get ready.
 * Repeated attempts hold at most half of the seats while fresh documents wait, so that a sick document never starves
 * the others.
 */
export class Permits {
  readonly limit: number;
  #flying = 0;
  #seats = 0;
  #seatsOfRepeated = 0;
  #unsettled = 0;

  /** Calls in flight, at most. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether one more call may be in flight, where no more than `allowed` may be. */
  mayFly(allowed: number): boolean {
    return this.#flying < Math.min(this.limit, allowed);
  }

  /** Whether one more document may take a seat, `beyond` those that may be in flight. */
  hasSeat(allowed: number, beyond: number): boolean {
    return (
      this.#seats < Math.min(this.limit, allowed) + beyond &&
      this.#seats + this.#unsettled < this.limit * WITH_UNSETTLED + beyond
    );
  }

  /** True while another repeated attempt may go before a fresh document. */
  get repeatedMayGoFirst(): boolean {
    return this.#seatsOfRepeated < Math.max(1, Math.floor(this.limit / 2));
  }

  seated(repeated: boolean): void {
    this.#seats += 1;
    if (repeated) this.#seatsOfRepeated += 1;
  }

  left(repeated: boolean): void {
    this.#seats -= 1;
    if (repeated) this.#seatsOfRepeated -= 1;
  }

  started(): void {
    this.#flying += 1;
  }

  ended(): void {
    this.#flying -= 1;
  }

  /** What a call brought is being filed. */
  settling(): void {
    this.#unsettled += 1;
  }

  settled(): void {
    this.#unsettled -= 1;
  }
}
