const DAY_MS = 86_400_000;

/** Counts the calls of a UTC day. Times are milliseconds since the epoch. */
export class DailyQuota {
  #day = 0;
  #used = 0;

  /** Whether the call is one of the day's first `limit`; then it is counted. */
  take(nowMs: number, limit: number): boolean {
    if (this.used(nowMs) >= limit) return false;
    this.#used += 1;
    return true;
  }

  used(nowMs: number): number {
    const day = dayOf(nowMs);
    if (day !== this.#day) this.#used = 0;
    this.#day = day;
    return this.#used;
  }
}

/** When the UTC day of that moment ends. */
export function endOfDay(nowMs: number): number {
  return (dayOf(nowMs) + 1) * DAY_MS;
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}
