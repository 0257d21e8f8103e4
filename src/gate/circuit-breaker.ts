/** It opens if more than half of this many attempts failed: if one in five fails, once in millions of attempts. */
const WINDOW = 50;

/** It also opens above this many repeated attempts per first attempt. That many come if 3 of 8 keep failing. */
const REPEATED_PER_FIRST = 0.6;
const FAILED_SHARE = REPEATED_PER_FIRST / (1 + REPEATED_PER_FIRST);

/** First attempts in a minute, at least: with fewer, a few unlucky documents would open it. */
const FEWEST_FIRST = 60;

/** This many answers in a row close it: one may be luck. One is enough where no call came through. */
const ANSWERS = 3;

/**
 * Opens when so many calls to one model fail that more of them would only make it worse. While it is open, one call at a
 * time shows when answers come back.
 *
 * Calls that met a limit of the API (rate, concurrency, upstream, spending) or a cause that pauses the gate do not count:
 * other parts of the gate handle them. A document refused for what it is (400, moderation, a cut answer) was answered.
 */
export class CircuitBreaker {
  #lastMinute = new LastMinute();
  /** Whether each of the last attempts failed, oldest first. */
  #last: boolean[] = [];
  #answersInARow = 0;
  #inOutage = false;
  /** Why it is open, in words; null if it is closed. */
  reason: string | null = null;

  get isOpen(): boolean {
    return this.reason !== null;
  }

  /** An attempt ended. `answered` is false if another call would have failed as well. */
  ended(now: number, { answered, repeated }: { readonly answered: boolean; readonly repeated: boolean }): void {
    this.#lastMinute.add(now, { failed: !answered, repeated });
    this.#answersInARow = answered ? this.#answersInARow + 1 : 0;
    if (this.reason === null) {
      this.#last.push(!answered);
      if (this.#last.length > WINDOW) this.#last.shift();
      if (!answered) this.reason = this.#failures() ?? this.#repetitions(now);
    } else if (this.#answersInARow >= (this.#inOutage ? 1 : ANSWERS)) {
      this.reason = null;
      this.#inOutage = false;
      // What happened while it was open is no reason to open it again.
      this.#last = [];
      this.#lastMinute = new LastMinute();
    }
  }

  /** No call comes through. */
  openForOutage(reason: string): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.#inOutage = true;
  }

  #failures(): string | null {
    const failed = this.#last.filter(Boolean).length;
    return failed > WINDOW / 2 ? `${failed} of the last ${WINDOW} calls failed` : null;
  }

  /** At the end of an inbox all attempts are repeated ones: they count only if calls still fail. */
  #repetitions(now: number): string | null {
    const { first, repeated, failed } = this.#lastMinute.counts(now);
    if (first < FEWEST_FIRST || repeated <= first * REPEATED_PER_FIRST) return null;
    return failed > (first + repeated) * FAILED_SHARE
      ? `${repeated} of ${first + repeated} calls within a minute were repeated ones`
      : null;
  }
}

const SECONDS = 60;

/** Counts the attempts of the last minute. */
export class LastMinute {
  /** Those of each second that had some, oldest first; `failed` of both kinds. */
  readonly #buckets: { readonly second: number; first: number; repeated: number; failed: number }[] = [];

  /** @param now milliseconds of a clock that never goes back */
  add(now: number, { failed, repeated }: { readonly failed: boolean; readonly repeated: boolean }): void {
    const second = Math.floor(now / 1000);
    let bucket = this.#buckets.at(-1);
    if (bucket?.second !== second) {
      bucket = { second, first: 0, repeated: 0, failed: 0 };
      this.#buckets.push(bucket);
      if (this.#buckets.length > SECONDS) this.#buckets.shift();
    }
    bucket[repeated ? 'repeated' : 'first'] += 1;
    if (failed) bucket.failed += 1;
  }

  counts(now: number): { readonly first: number; readonly repeated: number; readonly failed: number } {
    const oldest = Math.floor(now / 1000) - SECONDS + 1;
    const sum = { first: 0, repeated: 0, failed: 0 };
    for (const { second, first, repeated, failed } of this.#buckets) {
      if (second < oldest) continue;
      sum.first += first;
      sum.repeated += repeated;
      sum.failed += failed;
    }
    return sum;
  }
}
