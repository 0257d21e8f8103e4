import type { Limit } from '../../src/domain/attempt.ts';

/** What becomes of a call, known as it goes out. Times are milliseconds. */
interface SimulatedOutcome {
  readonly repliesAt: number;
  /** Absent if it is answered. */
  readonly refusal?: Refusal;
}

export interface Refusal {
  /** Its Retry-After; null if it has none. */
  readonly hintMs: number | null;
  /** @default 429 */
  readonly status?: number;
  /** What its words name. @default a rate with a hint, else too many at once */
  readonly limit?: Limit;
}

/** An API in virtual time: it gets each call in the order in which they go out. */
export type SimulatedApi = (now: number) => SimulatedOutcome;

/** A value that may change with time (ms). */
type Course = (now: number) => number;

const REFUSES_AFTER_MS = 2;

/** Always the same numbers from 0 to below 1 for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws around `median`, with a long tail: the logarithm has the standard deviation `sigma`. */
export function lognormal(random: () => number, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** Takes every call. */
export function unlimited(latency: Course): SimulatedApi {
  return (now) => ({ repliesAt: now + latency(now) });
}

/** Takes `capacity` calls at once and refuses those above it. */
export function refusing(
  capacity: Course,
  latency: Course,
  refusesAfterMs = REFUSES_AFTER_MS,
  status = 429,
): SimulatedApi {
  let inside: number[] = [];
  return (now) => {
    inside = inside.filter((end) => end > now);
    if (inside.length >= capacity(now)) return { repliesAt: now + refusesAfterMs, refusal: { hintMs: null, status } };
    const repliesAt = now + latency(now);
    inside.push(repliesAt);
    return { repliesAt };
  };
}

/** Takes every call; the more are in flight, the longer each takes. */
export function slowing(latency: (inFlight: number) => number): SimulatedApi {
  let inside: number[] = [];
  return (now) => {
    inside = inside.filter((end) => end > now);
    const repliesAt = now + latency(inside.length + 1);
    inside.push(repliesAt);
    return { repliesAt };
  };
}

/** Refuses this share of the calls to another API by chance, with this status. `hintsMs`: what each status asks to wait. */
export function byChance(
  api: SimulatedApi,
  shares: Readonly<Record<number, number>>,
  random: () => number,
  hintsMs: Readonly<Record<number, number>> = {},
): SimulatedApi {
  return (now) => {
    let draw = random();
    for (const status of Object.keys(shares).map(Number)) {
      const share = shares[status] ?? 0;
      if (draw < share)
        return { repliesAt: now + REFUSES_AFTER_MS, refusal: { hintMs: hintsMs[status] ?? null, status } };
      draw -= share;
    }
    return api(now);
  };
}

/** Works on `slots` calls at once; the others wait, first come, first served. */
export function queueing(slots: number, service: Course): SimulatedApi {
  const freeAt = Array.from({ length: slots }, () => 0);
  return (now) => {
    const earliest = Math.min(...freeAt);
    const repliesAt = Math.max(now, earliest) + service(now);
    freeAt[freeAt.indexOf(earliest)] = repliesAt;
    return { repliesAt };
  };
}

/** How a refusal spells its Retry-After: to the millisecond, in whole seconds, rounded up, or not at all. */
type Hint = 'exact' | 'whole seconds' | 'none';

interface RateSettings {
  readonly calls: number;
  readonly windowMs: number;
  readonly latencyMs: number;
  readonly hint: Hint;
}

function hinted(now: number, waitMs: number, hint: Hint): SimulatedOutcome {
  if (hint === 'none') return { repliesAt: now + REFUSES_AFTER_MS, refusal: { hintMs: null } };
  const hintMs = hint === 'exact' ? waitMs : Math.ceil(waitMs / 1000) * 1000;
  return { repliesAt: now + REFUSES_AFTER_MS, refusal: { hintMs } };
}

/** Takes at most `calls` in any `windowMs`. */
export function slidingWindow({ calls, windowMs, latencyMs, hint }: RateSettings): SimulatedApi {
  const taken: number[] = [];
  return (now) => {
    const waitMs = (taken.at(-calls) ?? Number.NEGATIVE_INFINITY) + windowMs - now;
    if (waitMs > 0) return hinted(now, waitMs, hint);
    taken.push(now);
    return { repliesAt: now + latencyMs };
  };
}

/** Takes at most `calls` from one full `windowMs` of the clock to the next; the run begins `offsetMs` into one. */
export function fixedWindow({ calls, windowMs, latencyMs, hint }: RateSettings, offsetMs: number): SimulatedApi {
  let current = 0;
  let taken = 0;
  return (now) => {
    const window = Math.floor((now + offsetMs) / windowMs);
    if (window !== current) taken = 0;
    current = window;
    if (taken >= calls) return hinted(now, (window + 1) * windowMs - offsetMs - now, hint);
    taken += 1;
    return { repliesAt: now + latencyMs };
  };
}

/** Holds up to `calls` tokens, of which `calls` come back in `windowMs`, one by one; a call takes one. */
export function tokenBucket({ calls, windowMs, latencyMs, hint }: RateSettings): SimulatedApi {
  const perMs = calls / windowMs;
  let tokens = calls;
  let filledAt = 0;
  return (now) => {
    tokens = Math.min(calls, tokens + (now - filledAt) * perMs);
    filledAt = now;
    if (tokens < 1) return hinted(now, (1 - tokens) / perMs, hint);
    tokens -= 1;
    return { repliesAt: now + latencyMs };
  };
}
