const SECONDS = 60;

/** Attempts that ended. */
export interface Counts {
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
