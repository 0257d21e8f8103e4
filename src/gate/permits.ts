/** Calls in flight and answers that are being filed are at most this many times the limit of calls together. */
const WITH_UNSETTLED = 2;

/**
 * How many calls may be in flight, and how many of them may be repeated attempts: with fresh documents waiting,
 * repeated ones hold at most half, so that a sick document never starves the others.
 */
export class Permits {
  #limit: number;
  #taken = 0;
  #takenByRepeated = 0;
  #unsettled = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** May change while calls run: those in flight above a lowered limit finish, and nothing starts meanwhile. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  get free(): boolean {
    return this.#taken < this.#limit && this.#taken + this.#unsettled < this.#limit * WITH_UNSETTLED;
  }

  /** True while another repeated attempt may go before a fresh document. */
  get repeatedMayGoFirst(): boolean {
    return this.#takenByRepeated < Math.max(1, Math.floor(this.#limit / 2));
  }

  /** What a call brought is being filed. */
  settling(): void {
    this.#unsettled += 1;
  }

  settled(): void {
    this.#unsettled -= 1;
  }

  take(repeated: boolean): void {
    this.#taken += 1;
    if (repeated) this.#takenByRepeated += 1;
  }

  giveBack(repeated: boolean): void {
    this.#taken -= 1;
    if (repeated) this.#takenByRepeated -= 1;
  }
}
