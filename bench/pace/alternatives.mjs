// What the limit is compared with: the same interface, by the book. Where a book's algorithm goes by a smallest limit
// or latencies alone, a refusal multiplies its limit by 0.9, as the AIMD of Netflix's concurrency-limits does.

const AFTER_REFUSAL = 0.9;

class Alternative {
  limit = 4;
  ceiling = 256;
  /** Every refusal counts: none is taken for chance. */
  proven = 0;

  get calls() {
    return Math.floor(this.limit);
  }

  set(limit) {
    this.limit = Math.max(1, Math.min(this.ceiling, limit));
  }

  refused() {
    this.set(this.limit * AFTER_REFUSAL);
    return { from: this.calls, to: this.calls, step: 1 };
  }

  undoFall() {}
}

/** One more per answer that used the limit, nine tenths per refusal. */
export class Aimd extends Alternative {
  answered(_now, { inFlight }) {
    if (inFlight * 2 >= this.limit) this.set(this.limit + 1 / this.limit);
  }
}

/** Netflix's Gradient2: the ratio of a long average of the latency to the latest one, and four calls of queue. */
export class Gradient2 extends Alternative {
  long = null;

  answered(now, { startedAt, inFlight }) {
    const latency = Math.max(1, now - startedAt);
    this.long = this.long === null ? latency : this.long + ((latency - this.long) * 2) / 601;
    if (this.long / latency > 2) this.long *= 0.9;
    if (inFlight < this.limit / 2) return;
    const gradient = Math.max(0.5, Math.min(1, this.long / latency));
    this.set(this.limit * 0.8 + (this.limit * gradient + 4) * 0.2);
  }
}

/** TCP Vegas as Netflix has it: by the queue that the shortest latency ever lets it expect. */
export class Vegas extends Alternative {
  shortest = Number.POSITIVE_INFINITY;

  answered(now, { startedAt, inFlight }) {
    const latency = Math.max(1, now - startedAt);
    if (latency < this.shortest) {
      this.shortest = latency;
      return;
    }
    if (inFlight * 2 < this.limit) return;
    const queue = Math.ceil(this.limit * (1 - this.shortest / latency));
    const unit = Math.max(1, Math.log10(this.limit));
    if (queue <= unit) this.set(this.limit + 6 * unit);
    else if (queue < 3 * unit) this.set(this.limit + unit);
    else if (queue > 6 * unit) this.set(this.limit - unit);
  }
}
