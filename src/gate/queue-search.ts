/** Calls that take this much longer than in the fastest round wait in a queue, or the API is slow: a trial shows which. */
const QUEUE = Math.log(1.5);
/** Calls that take this much longer are near a queue. */
const NEAR_QUEUE = Math.log(1.2);
/** Standard errors that a difference of latencies must exceed to count. */
const CERTAINTY = 2;
/** A trial lowers the limit to so many calls as would wait for nothing, but within these parts of it. */
const TRIAL_AT_LEAST = 0.5;
const TRIAL_AT_MOST = 0.7;
/** After a queue was found: the limit is this many times the calls that leave it empty, so that it never runs dry. */
const HEADROOM = 1.2;
/** The limit stays there for this time (ms); twice as long each time that more calls turn out not to pay, up to the longest. */
const FIRST_STAY_MS = 2000;
const LONGEST_STAY_MS = 16_000;
/** So many times the calls are tried then, and one call more each round trip that does not show it ... */
const TRY_MORE = 1.15;
/** ... and pay if latency grows by less than this part of it; they are free if it grows by less than that part. */
const PAYS = 0.75;
const FREE = 0.25;
/** If latency grows by more than this, fewer calls bring more: the limit goes down to this part. */
const TOO_MANY = 1.1;
const FEWER = 0.9;

/**
 * What the limit does next. `slowly`: it grows by one call a round trip. `try`: it goes there for one round trip.
 * `back`: it returns there. `stay`: it goes there, and grows after so long (ms).
 */
export type Move =
  | { readonly kind: 'slowly' }
  | { readonly kind: 'try' | 'back'; readonly calls: number }
  | { readonly kind: 'stay'; readonly calls: number; readonly ms: number };

/** The limit, and the latencies with it. */
interface Point {
  readonly calls: number;
  readonly round: LatencyRound;
}

/**
 * Finds by latency how many calls bring the most answers. Calls that take long are put to a trial: if they take less long
 * when there are fewer of them, they waited in a queue. Then more calls are tried now and then, and stay if they pay.
 * docs/pace.md explains why.
 */
export class QueueSearch {
  /** The fastest round. */
  #base: LatencyRound | undefined;
  /** Before the limit was lowered to see whether that shortens the latency. */
  #trial: Point | undefined;
  /** Where the limit stays: there is a queue with more calls. */
  #found: Point | undefined;
  #most = Number.POSITIVE_INFINITY;
  #stayMs = FIRST_STAY_MS;

  get isTrying(): boolean {
    return this.#trial !== undefined;
  }

  /** The limit fell meanwhile. */
  cancelTrial(): void {
    this.#trial = undefined;
  }

  /** More calls than this are not to be tried yet. */
  get most(): number {
    return this.#most;
  }

  /** Whether one answer took so long that the limit had better not grow by it. */
  isLong(latency: number): boolean {
    if (this.#base === undefined) return false;
    return latency > this.#base.latency + NEAR_QUEUE + CERTAINTY * this.#base.deviation;
  }

  /** A round trip is over. */
  ended(round: LatencyRound, calls: number, now: number): Move | null {
    if (this.#trial !== undefined) return this.#conclude(this.#trial, round, calls, now);
    this.#base ??= round;
    const longer = round.latency - this.#base.latency;
    const doubt = CERTAINTY * Math.sqrt(round.variance + this.#base.variance);
    if (longer < -doubt) this.#base = round;
    else if (longer < Math.min(doubt, NEAR_QUEUE)) this.#base.absorb(round);
    const compared = this.#found === undefined ? null : this.#compare(this.#found, round, calls, now);
    if (compared !== null) return compared;
    if (longer <= QUEUE + doubt) return longer > NEAR_QUEUE + doubt ? { kind: 'slowly' } : null;
    this.#trial = { calls, round };
    const part = Math.min(Math.max(Math.exp(-longer), TRIAL_AT_LEAST), TRIAL_AT_MOST);
    return { kind: 'try', calls: Math.min(calls, round.inFlight * part) };
  }

  /** If calls waited in a queue, fewer of them are faster in proportion. Else the API is slower now: a new base. */
  #conclude({ calls: before, round: long }: Point, round: LatencyRound, calls: number, now: number): Move {
    const shorter = long.latency - round.latency;
    this.#trial = undefined;
    if (shorter < Math.log(long.inFlight / round.inFlight) / 2) {
      this.#base = round;
      this.#found = undefined;
      this.#most = Number.POSITIVE_INFINITY;
      this.#stayMs = FIRST_STAY_MS;
      return { kind: 'back', calls: before };
    }
    return this.#stay(Math.min(before, Math.max(calls, long.inFlight * Math.exp(-shorter)) * HEADROOM), now);
  }

  /** Where the limit stayed, with more calls now. */
  #compare(found: Point, round: LatencyRound, calls: number, now: number): Move | null {
    if (calls <= found.calls) {
      found.round.absorb(round);
      return null;
    }
    const more = Math.log(round.inFlight / found.round.inFlight);
    if (calls < this.#most || more < Math.log(TRY_MORE) / 2) return null;
    const longer = round.latency - found.round.latency;
    const doubt = Math.sqrt(round.variance + found.round.variance);
    const gain = more * PAYS - longer;
    if (Math.abs(gain) < doubt) {
      this.#most = calls + 1;
      return { kind: 'slowly' };
    }
    if (gain < 0) return this.#stay(this.#isTooMany(found, longer / more) ? found.calls * FEWER : found.calls, now);
    this.#found = longer < more * FREE ? undefined : { calls, round };
    this.#most = this.#found === undefined ? Number.POSITIVE_INFINITY : Math.ceil(calls * TRY_MORE);
    this.#stayMs = FIRST_STAY_MS;
    return null;
  }

  #isTooMany({ round }: Point, slope: number): boolean {
    return slope > TOO_MANY && this.#base !== undefined && round.latency > this.#base.latency + NEAR_QUEUE;
  }

  #stay(calls: number, now: number): Move {
    const ms = this.#stayMs;
    this.#stayMs = Math.min(2 * ms, LONGEST_STAY_MS);
    const whole = Math.max(1, Math.floor(calls));
    this.#most = Math.ceil(whole * TRY_MORE);
    this.#found = { calls: whole, round: new LatencyRound(now) };
    return { kind: 'stay', calls: whole, ms };
  }
}

/** Fewer latencies than this are no measure. */
const FEWEST = 8;

/** The latencies of about one round trip, as logarithms of ms: few slow calls weigh little, ratios are differences. */
export class LatencyRound {
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
    this.inFlight += ((other.inFlight - this.inFlight) * other.#count) / count;
    this.#count = count;
  }

  /** Whether enough calls came back, if so many may be in flight. */
  isOver(calls: number): boolean {
    return this.#count >= Math.max(FEWEST, calls / 2);
  }

  /** The standard deviation of the logarithms. */
  get deviation(): number {
    return Math.sqrt(this.#squares / (this.#count - 1));
  }

  /** The square of the standard error of `latency`. */
  get variance(): number {
    return this.#squares / (this.#count * (this.#count - 1));
  }
}
