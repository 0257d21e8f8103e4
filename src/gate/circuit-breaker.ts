/**
 * The breaker opens when more than half of so many attempts failed. If one in five fails by chance, that happens once in
 * millions of attempts.
 */
const WINDOW = 50;

/** It also opens at so many repeated attempts to one first attempt, which is what follows if 3 of 8 keep failing. */
const REPEATED_PER_FIRST = 0.6;
const FAILED_SHARE = REPEATED_PER_FIRST / (1 + REPEATED_PER_FIRST);

/** One first attempt a second: with fewer, a few unlucky documents would open it. */
const FEWEST_FIRST = 60;

/** Answers in a row that close it: one may be luck. */
const ANSWERS = 3;

/**
 * Opens when so many calls to one model fail that more of them would only make it worse. While it is open, one call at a
 * time is enough to see when answers come back.
 *
 * It does not count calls that ran into a limit of the API (rate, concurrency, upstream, spending), nor those refused for
 * a cause that pauses the gate: other parts of the gate handle these. A document that is refused for what it is (400,
 * moderation, a cut answer) was answered: the model works.
 */
export class CircuitBreaker {
  readonly #lastMinute = new LastMinute();
  /** Whether each of the last attempts failed, oldest first. */
  #last: boolean[] = [];
  #answersInARow = 0;
  /** Why it is open, in words; null if it is closed. */
  reason: string | null = null;

  /** True while one call at a time is enough. */
  get isOpen(): boolean {
    return this.reason !== null;
  }

  /** `answered` is false if it failed for a reason that another call would meet as well. */
  ended(now: number, { answered, repeated }: { readonly answered: boolean; readonly repeated: boolean }): void {
    this.#lastMinute.add(now, { failed: !answered, repeated });
    this.#answersInARow = answered ? this.#answersInARow + 1 : 0;
    if (this.reason === null) this.#watch(now, answered);
    else if (this.#answersInARow >= ANSWERS) {
      this.reason = null;
      // What happened while it was open is no reason to open it again.
      this.#last = [];
    }
  }

  #watch(now: number, answered: boolean): void {
    this.#last.push(!answered);
    if (this.#last.length > WINDOW) this.#last.shift();
    if (!answered) this.reason = this.#failures() ?? this.#repetitions(now);
  }

  #failures(): string | null {
    const failed = this.#last.filter(Boolean).length;
    return failed > WINDOW / 2 ? `${failed} of the last ${WINDOW} calls failed` : null;
  }

  /** The end of an inbox leaves nothing but repeated attempts: these count only if calls fail now, too. */
  #repetitions(now: number): string | null {
    const { first, repeated, failed } = this.#lastMinute.counts(now);
    if (first < FEWEST_FIRST || repeated <= first * REPEATED_PER_FIRST) return null;
    return failed > (first + repeated) * FAILED_SHARE
      ? `${repeated} of ${first + repeated} calls within a minute were repeated ones`
      : null;
  }
}

const SECONDS = 60;

/** Attempts that ended in one second; `failed` of both kinds. */
type Bucket = ReturnType<typeof emptyBucket>;

/** Counts the attempts of the last minute, in a bucket for each second. */
export class LastMinute {
  readonly #buckets: Bucket[] = Array.from({ length: SECONDS }, () => emptyBucket(Number.NEGATIVE_INFINITY));

  /** @param now milliseconds of a clock that never goes back */
  add(now: number, { failed, repeated }: { readonly failed: boolean; readonly repeated: boolean }): void {
    const bucket = this.#bucketOf(Math.floor(now / 1000));
    bucket[repeated ? 'repeated' : 'first'] += 1;
    if (failed) bucket.failed += 1;
  }

  counts(now: number): Omit<Bucket, 'second'> {
    const oldest = Math.floor(now / 1000) - SECONDS + 1;
    const sum = { first: 0, repeated: 0, failed: 0 };
    for (const bucket of this.#buckets) {
      if (bucket.second < oldest) continue;
      sum.first += bucket.first;
      sum.repeated += bucket.repeated;
      sum.failed += bucket.failed;
    }
    return sum;
  }

  #bucketOf(second: number): Bucket {
    const index = second % SECONDS;
    const bucket = this.#buckets[index];
    if (bucket?.second === second) return bucket;
    const fresh = emptyBucket(second);
    this.#buckets[index] = fresh;
    return fresh;
  }
}

function emptyBucket(second: number) {
  return { second, first: 0, repeated: 0, failed: 0 };
}
