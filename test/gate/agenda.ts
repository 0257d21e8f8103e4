interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** What will happen, in the order of time; what is planned for the same time, in the order of planning. */
export class Agenda {
  readonly #events: Event[] = [];

  plan(at: number, happen: () => void): void {
    const before = this.#events.findLastIndex((event) => event.at <= at);
    this.#events.splice(before + 1, 0, { at, happen });
  }

  next(): Event | undefined {
    return this.#events.shift();
  }
}
