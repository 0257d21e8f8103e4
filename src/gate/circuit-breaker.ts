/**
 * More than half of so many attempts failed: a storm. Where one in five fails by chance, that happens once in millions of
 * attempts.
 */
const WINDOW = 50;

/**
 * So many repeated attempts to one first attempt are a storm, which is what comes of a share of failures that lasts: 0.6
 * where it is 3 of 8.
 */
const REPEATED_PER_FIRST = 0.6;
const FAILED_SHARE = REPEATED_PER_FIRST / (1 + REPEATED_PER_FIRST);

/** One first attempt a second: with fewer, a few unlucky documents would make a storm. */
const FEWEST_FIRST = 60;

/** Answers in a row that end a storm: one may be luck. */
const ANSWERS = 3;

interface EndedCall {
  /** False where it failed for a reason that another call would meet as well. */
  readonly answered: boolean;
  /** It was not the document's first attempt. */
  readonly repeated: boolean;
}

/**
 * Tells when so many calls to one model fail that more of them would only add to its trouble. Then one at a time is
 * enough to see when answers come back.
 *
 * A call that ran into a limit of the API (rate, concurrency, upstream, spending), and one that was refused for a cause
 * that pauses the gate, say nothing here: the pieces that know what to do about them have them. A document that is refused
 * for what it is (400, moderation, a cut answer) was answered: the model works.
 */
export class StormGuard {
  readonly #lastMinute = new LastMinute();
  /** Whether each of the last attempts failed, oldest first. */
  #last: boolean[] = [];
  #answersInARow = 0;
  #reason: string | null = null;

  /** True where one call at a time is enough. */
  get raging(): boolean {
    return this.#reason !== null;
  }

  /** Why it is raging, in words; null where it is not. */
  get reason(): string | null {
    return this.#reason;
  }

  ended(now: number, { answered, repeated }: EndedCall): void {
    this.#lastMinute.add(now, { failed: !answered, repeated });
    this.#answersInARow = answered ? this.#answersInARow + 1 : 0;
    if (this.#reason === null) this.#watch(now, answered);
    else if (this.#answersInARow >= ANSWERS) this.#calm();
  }

  #watch(now: number, answered: boolean): void {
    this.#last.push(!answered);
    if (this.#last.length > WINDOW) this.#last.shift();
    if (!answered) this.#reason = this.#failures() ?? this.#repetitions(now);
  }

  #failures(): string | null {
    const failed = this.#last.filter(Boolean).length;
    return failed > WINDOW / 2 ? `${failed} of the last ${WINDOW} calls failed` : null;
  }

  /** The last documents of an inbox leave repeated attempts alone behind: those count only where calls fail now, too. */
  #repetitions(now: number): string | null {
    const { first, repeated, failed } = this.#lastMinute.counts(now);
    if (first < FEWEST_FIRST || repeated <= first * REPEATED_PER_FIRST) return null;
    return failed > (first + repeated) * FAILED_SHARE
      ? `${repeated} of ${first + repeated} calls within a minute were repeated ones`
      : null;
  }

  /** What happened in the storm is no reason for the next one. */
  #calm(): void {
    this.#reason = null;
    this.#last = [];
  }
}

const SECONDS = 60;

/** Attempts that ended. */
interface Counts {
  readonly first: number;
  readonly repeated: number;
  /** Of both. */
  readonly failed: number;
}

type Bucket = { -readonly [Key in keyof Counts]: number } & { second: number };

/** Counts the attempts of the last minute, in a bucket for each second. */
export class LastMinute {
  readonly #buckets: Bucket[] = Array.from({ length: SECONDS }, () => emptyBucket(Number.NEGATIVE_INFINITY));

  /** @param now milliseconds of a clock that never goes back */
  add(now: number, { failed, repeated }: { readonly failed: boolean; readonly repeated: boolean }): void {
    const bucket = this.#bucketOf(Math.floor(now / 1000));
    bucket[repeated ? 'repeated' : 'first'] += 1;
    if (failed) bucket.failed += 1;
  }

  counts(now: number): Counts {
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

function emptyBucket(second: number): Bucket {
  return { second, first: 0, repeated: 0, failed: 0 };
}
