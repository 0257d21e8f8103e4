export interface AdaptiveLimitSettings {
  /** Calls in flight at the beginning. */
  readonly start: number;
  /** Calls in flight, at most. */
  readonly ceiling: number;
  /** Growing latency lowers the limit. */
  readonly watchesLatency: boolean;
}

/** When a call started (ms), and how many were in flight then, itself included. */
export interface CallStart {
  readonly startedAt: number;
  readonly inFlight: number;
}

/** After more calls were too many, the limit grows again after this time (ms) and this many answers ... */
const HOLD_MS = 2000;
const HOLD_ANSWERS = 50;
/** ... or, if few answers come, after this time (ms). */
const LONGEST_HOLD_MS = 60_000;
/** One wave of refusals, and one trial, lower the limit to no less than this part of it. */
const LOWERS_TO = 0.5;
/** The limit is in use if at least this part of it is in flight. */
const IN_USE = 0.5;
/** Calls that take this much longer than in the fastest round wait in a queue, or the API is slow: a trial shows which. */
const QUEUE = Math.log(1.5);
/** Calls that take this much longer are near a queue: from here the limit grows by small steps. */
const NEAR_QUEUE = Math.log(1.2);
/** After a queue was found: the limit is this many times the calls that leave it empty, so that it never runs dry. */
const HEADROOM = 1.3;
/** Standard errors that a difference of latencies must exceed to count. */
const CERTAINTY = 2;

/** Refusals of calls that went out before the first refusal was known. They count as one event. */
interface Wave {
  readonly knownAt: number;
  /** When the wave before was known; `knownAt` for the first wave of a fall. */
  readonly fallsSince: number;
  /** The limit before it. */
  readonly calls: number;
  /** It lowers the limit by at least this: 1, or twice the step of the wave before if no call was accepted in between. */
  readonly stepDown: number;
  /** Calls in flight, of which `refused` were. */
  inFlight: number;
  refused: number;
}

/** The state before the limit was lowered to see whether that shortens the latency. */
interface LatencyTrial {
  readonly calls: number;
  readonly step: number;
  readonly long: LatencyRound;
}

/**
 * How many calls to one API and model may be in flight. The limit grows with each round trip, by twice as much as with
 * the one before, until calls are refused or take longer. Then it goes back to what the API took, holds, and grows by one
 * call at first. It does not grow while it is not used. docs/pace.md explains why. Times are ms of the gate's clock.
 */
export class AdaptiveLimit {
  readonly #settings: AdaptiveLimitSettings;
  #calls: number;
  /** Calls that a round trip adds. Infinity: as many as the limit has, which doubles it. */
  #step = Number.POSITIVE_INFINITY;
  /** Of the next wave. */
  #stepDown = 1;
  #round = new LatencyRound(Number.NEGATIVE_INFINITY);
  /** The fastest round. */
  #base: LatencyRound | undefined;
  #wave: Wave | undefined;
  #trial: LatencyTrial | undefined;
  #heldSince = Number.NEGATIVE_INFINITY;
  #answersHeld = 0;

  constructor(settings: AdaptiveLimitSettings) {
    this.#settings = settings;
    this.#calls = settings.start;
  }

  /** Calls that may be in flight; a whole number from 1. */
  get calls(): number {
    return Math.floor(this.#calls);
  }

  /** An answer came. Not to be called for errors: how fast they come says nothing about the load. */
  answered(now: number, { startedAt, inFlight }: CallStart): void {
    this.#answersHeld += 1;
    // It went out during the fall and was accepted: the fall is over.
    if (this.#wave !== undefined && startedAt > this.#wave.fallsSince) this.#stepDown = 1;
    if (inFlight < this.#calls * IN_USE) return;
    const latency = Math.log(Math.max(1, now - startedAt));
    const isLong = this.#settings.watchesLatency && this.#base !== undefined && latency > this.#base.latency + QUEUE;
    if (this.#grows(now) && !isLong)
      this.#calls = Math.min(this.#settings.ceiling, this.#calls + Math.min(1, this.#step / this.#calls));
    if (startedAt <= this.#round.begin) return;
    this.#round.add(latency, inFlight);
    if (this.#round.isOver(this.#calls)) this.#endRound(now);
  }

  /** The API refused a call: too many were in flight. */
  refused(now: number, { startedAt, inFlight }: CallStart): void {
    if (this.#wave === undefined || startedAt > this.#wave.knownAt) {
      const fallsSince = this.#stepDown > 1 ? (this.#wave?.knownAt ?? now) : now;
      this.#wave = { knownAt: now, fallsSince, calls: this.#calls, stepDown: this.#stepDown, inFlight, refused: 0 };
      this.#stepDown *= 2;
    }
    const wave = this.#wave;
    wave.inFlight = Math.max(wave.inFlight, inFlight);
    wave.refused += 1;
    const target = Math.min(wave.inFlight - wave.refused, wave.calls - wave.stepDown);
    this.#lowerTo(Math.max(target, wave.calls * LOWERS_TO));
    this.#trial = undefined;
    // The steps of a fall double, so they lower the limit below what the API takes: no reason to hold.
    this.#growFromHere(now, wave.stepDown > 1 ? Number.NEGATIVE_INFINITY : now);
  }

  #grows(now: number): boolean {
    if (this.#trial !== undefined) return false;
    const heldFor = now - this.#heldSince;
    return heldFor >= LONGEST_HOLD_MS || (heldFor >= HOLD_MS && this.#answersHeld >= HOLD_ANSWERS);
  }

  /** The limit grows by one call at first, after a hold that began at `heldSince`. */
  #growFromHere(now: number, heldSince: number): void {
    this.#heldSince = heldSince;
    this.#answersHeld = 0;
    this.#step = 1;
    this.#round = new LatencyRound(now);
  }

  #lowerTo(calls: number): void {
    this.#calls = Math.max(1, Math.floor(Math.min(this.#calls, calls)));
  }

  #endRound(now: number): void {
    const round = this.#round;
    this.#round = new LatencyRound(now);
    if (this.#grows(now)) this.#step *= 2;
    if (!this.#settings.watchesLatency) return;
    if (this.#trial !== undefined) this.#conclude(this.#trial, round, now);
    else this.#judge(round);
  }

  #judge(round: LatencyRound): void {
    this.#base ??= round;
    const longer = round.latency - this.#base.latency;
    const doubt = CERTAINTY * Math.sqrt(round.variance + this.#base.variance);
    if (longer < -doubt) this.#base = round;
    else if (longer < Math.min(doubt, NEAR_QUEUE)) this.#base.absorb(round);
    if (longer > NEAR_QUEUE + doubt) this.#step = 1;
    if (longer <= QUEUE + doubt) return;
    this.#trial = { calls: this.#calls, step: this.#step, long: round };
    this.#lowerTo(round.inFlight * LOWERS_TO);
  }

  /** If calls waited in a queue, fewer of them are faster in proportion. Else the API is slower now: a new base. */
  #conclude({ calls, step, long }: LatencyTrial, round: LatencyRound, now: number): void {
    const shorter = long.latency - round.latency;
    const tried = this.#calls;
    this.#trial = undefined;
    this.#calls = calls;
    this.#step = step;
    if (shorter < Math.log(long.inFlight / round.inFlight) / 2) {
      this.#base = round;
      return;
    }
    this.#lowerTo(Math.max(tried, long.inFlight * Math.exp(-shorter)) * HEADROOM);
    this.#growFromHere(now, now);
  }
}

/** Fewer latencies than this are no measure. */
const FEWEST = 8;

/** The latencies of about one round trip, as logarithms of ms: few slow calls weigh little, ratios are differences. */
class LatencyRound {
  readonly begin: number;
  /** The mean number of calls in flight when these went out. */
  inFlight = 0;
  /** The mean of the logarithms. */
  latency = 0;
  #count = 0;
  #squares = 0;

  /** @param begin only calls that went out from here on belong to it (ms) */
  constructor(begin: number) {
    this.begin = begin;
  }

  add(latency: number, inFlight: number): void {
    const deviation = latency - this.latency;
    this.#count += 1;
    this.latency += deviation / this.#count;
    this.#squares += deviation * (latency - this.latency);
    this.inFlight += (inFlight - this.inFlight) / this.#count;
  }

  /** Adds the latencies of `other`. */
  absorb(other: LatencyRound): void {
    const count = this.#count + other.#count;
    const difference = other.latency - this.latency;
    this.#squares += other.#squares + (difference ** 2 * this.#count * other.#count) / count;
    this.latency += (difference * other.#count) / count;
    this.#count = count;
  }

  /** Whether enough calls came back, if so many may be in flight. */
  isOver(calls: number): boolean {
    return this.#count >= Math.max(FEWEST, calls / 2);
  }

  /** The square of the standard error of `latency`. */
  get variance(): number {
    return this.#squares / (this.#count * (this.#count - 1));
  }
}

/** Calls in flight with which `auto` begins. */
const AUTO_STARTS_WITH = 4;

export interface ConcurrencySettings {
  /** Calls in flight at most; `auto` finds for each API and model how many bring the most answers. */
  readonly concurrency: number | 'auto';
  /** The most that `auto` allows. */
  readonly concurrencyMax: number;
}

/** A number that a person set is kept to, as far as the API takes so many; `auto` also watches how long answers take. */
export function limitOf({ concurrency, concurrencyMax }: ConcurrencySettings): AdaptiveLimitSettings {
  return concurrency === 'auto'
    ? { start: Math.min(AUTO_STARTS_WITH, concurrencyMax), ceiling: concurrencyMax, watchesLatency: true }
    : { start: concurrency, ceiling: concurrency, watchesLatency: false };
}
