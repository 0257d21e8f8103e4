import { LatencyRound, QueueSearch } from './queue-search.ts';

export interface AdaptiveLimitSettings {
  /** Calls in flight at the beginning. */
  readonly start: number;
  /** Calls in flight, at most. */
  readonly ceiling: number;
  /** Growing latency lowers the limit. */
  readonly watchesLatency: boolean;
}

/** A call that went out. */
export interface CallStart {
  /** Milliseconds of the gate's clock. */
  readonly startedAt: number;
  /** Calls in flight then, itself included. */
  readonly inFlight: number;
  /** Its place among the calls to the same API and model, from 1. */
  readonly number: number;
}

/** After a fall the limit grows again after this time (ms) and this many answers: a ninth of it at first ... */
const HOLD_MS = 2000;
const HOLD_ANSWERS = 144;
const FIRST_HOLD = 1 / 9;
/** ... or, if few answers come, after this time (ms). */
const LONGEST_HOLD_MS = 15_000;
/** The hold doubles with each fall from the same limit: from the second on, that limit is known to be too high. */
const KNOWN_FROM_HOLD = FIRST_HOLD;
/** The limit is in use if at least this part of it is in flight. */
const IN_USE = 0.5;

/** The refusals of calls that went out before the first of them was known: they are of one excess. */
interface Wave {
  readonly knownAt: number;
  /** The limit before. */
  readonly calls: number;
  /** It lowers the limit by at least this: 1, then twice as much each time. */
  readonly step: number;
  /** A call that went out later and is accepted ends the fall. */
  readonly endsAfter: number;
  /** Calls in flight, of which `refused` were. */
  inFlight: number;
  refused: number;
}

/** From where to where the limit fell, and by how much at least in the last wave. */
export interface LimitFall {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Waves without an accepted call in between. */
interface Fall {
  /** The limit before. */
  readonly from: number;
  /** The limit now. */
  to: number;
  wave: Wave;
  isOver: boolean;
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
  #round = new LatencyRound(Number.NEGATIVE_INFINITY);
  readonly #queue = new QueueSearch();
  #fall: Fall | undefined;
  /** The most calls in flight of which one was accepted since the last wave. */
  #proven = 0;
  /** Answers of calls with as many in flight as before the last fall. */
  #provenAgain = 0;
  #heldSince = Number.NEGATIVE_INFINITY;
  #answersHeld = 0;
  /** Part of the whole hold; it doubles with each fall from the same limit. */
  #hold = FIRST_HOLD / 2;

  constructor(settings: AdaptiveLimitSettings) {
    this.#settings = settings;
    this.#calls = settings.start;
  }

  /** Calls that may be in flight; a whole number from 1. */
  get calls(): number {
    return Math.floor(this.#calls);
  }

  /** Calls in flight that the API took lately. */
  get proven(): number {
    return this.#proven;
  }

  /** Calls in flight that were too many whenever they were tried; Infinity if that is not known. */
  get tooMany(): number {
    return this.#fall !== undefined && this.#hold > KNOWN_FROM_HOLD ? this.#fall.to + 1 : Number.POSITIVE_INFINITY;
  }

  /** An answer came. Not to be called for errors: how fast they come says nothing about the load. */
  answered(now: number, start: CallStart): void {
    const { startedAt, inFlight } = start;
    this.#answersHeld += 1;
    this.#accepted(start);
    if (inFlight < this.#calls * IN_USE) return;
    const latency = Math.log(Math.max(1, now - startedAt));
    if (this.#grows(now) && !(this.#settings.watchesLatency && this.#queue.isLong(latency))) this.#grow();
    if (startedAt <= this.#round.begin) return;
    this.#round.add(latency, inFlight);
    if (this.#round.isOver(this.#calls)) this.#endRound(now);
  }

  /**
   * The API refused a call: too many were in flight. Returns from where to where the limit falls, and its last step.
   *
   * @param lowest so many were too many
   */
  refused(now: number, { startedAt, inFlight }: CallStart, lowest: number): LimitFall {
    const fall = this.#fallOf(now, startedAt);
    const { wave } = fall;
    wave.inFlight = Math.max(wave.inFlight, inFlight);
    wave.refused += 1;
    this.#lowerTo(Math.min(lowest - 1, wave.inFlight - wave.refused, wave.calls - wave.step));
    fall.to = this.#calls;
    this.#proven = this.#calls;
    this.#queue.cancelTrial();
    // The steps of a fall double, so they lower the limit below what the API takes: no reason to hold.
    this.#growFromHere(now, wave.step > 1 ? Number.NEGATIVE_INFINITY : now);
    return { from: fall.from, to: fall.to, step: wave.step };
  }

  /** The last fall did not help. */
  undoFall(): void {
    this.#calls = Math.max(this.#calls, this.#fall?.from ?? 0);
    this.#fall = undefined;
  }

  #fallOf(now: number, startedAt: number): Fall {
    const { calls } = this;
    const fall = this.#fall;
    const first = { knownAt: now, calls, step: 1, endsAfter: now, inFlight: 0, refused: 0 };
    if (fall === undefined || (fall.isOver && startedAt > fall.wave.knownAt)) {
      this.#hold = Math.min(1, 2 * this.#hold);
      this.#provenAgain = 0;
      this.#fall = { from: calls, to: calls, wave: first, isOver: false };
      return this.#fall;
    }
    const { wave } = fall;
    if (startedAt > wave.knownAt) fall.wave = { ...first, step: 2 * wave.step, endsAfter: wave.knownAt };
    return fall;
  }

  #accepted({ startedAt, inFlight }: CallStart): void {
    const fall = this.#fall;
    if (fall !== undefined) {
      if (startedAt > fall.wave.endsAfter) fall.isOver = true;
      if (startedAt <= fall.wave.knownAt) return;
      if (inFlight >= fall.from) this.#provenAgain += 1;
      if (this.#provenAgain > fall.from / 2) this.#hold = FIRST_HOLD / 2;
    }
    this.#proven = Math.max(this.#proven, inFlight);
  }

  #grow(): void {
    const most = Math.min(this.#settings.ceiling, this.#queue.most);
    this.#calls = Math.max(this.#calls, Math.min(most, this.#calls + Math.min(1, this.#step / this.#calls)));
  }

  #grows(now: number): boolean {
    if (this.#queue.isTrying) return false;
    const heldFor = now - this.#heldSince;
    if (heldFor >= LONGEST_HOLD_MS) return true;
    return heldFor >= HOLD_MS * this.#hold && this.#answersHeld >= HOLD_ANSWERS * this.#hold;
  }

  /** The limit grows by one call at first, after a hold that begins at `heldSince`. */
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
    const move = this.#queue.ended(round, this.#calls, now);
    if (move === null) return;
    if (move.kind === 'slowly') this.#step = 1;
    else this.#calls = Math.max(1, Math.floor(move.calls));
    if (move.kind === 'stay') this.#growFromHere(now, now + move.ms);
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
