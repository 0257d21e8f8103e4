import type { CallStart } from './adaptive-limit.ts';
import { RefusalTest } from './refusal-test.ts';

/** A longer wait (ms) is that of a quota, not of a rate: nothing is learned from it. */
const LONGEST_LEARNED_MS = 120_000;
/** After a longer time without a call (ms), counting begins again. */
const IDLE_MS = 5000;
/** What is counted is halved when it spans more (ms) and is many calls: the rate is that of the last minute or so. */
const REMEMBERED_MS = 60_000;
/** Fewer calls than this are no measure: counting goes on. */
const FEWEST = 30;
/** A rate is set to this part of what was measured, so that an uneven clock brings no refusal. */
const CAREFUL = 0.985;
/**
 * Without a refusal a rate grows with the cube of the time. It doubles in this many times the time for which it was
 * measured: the longer that was, the surer it is ...
 */
const SURE_FOR = 5;
/** ... but not sooner than this (ms) ... */
const DOUBLES_AFTER_MS = 30_000;
/** ... nor later than this (ms). */
const DOUBLES_BEFORE_MS = 240_000;
/** A rate that grew by this factor without a refusal limits nothing. */
const LETS_GO_AT = 4;
/** In a trial without the rate so many times as much must be taken, else the next refusal teaches one again. */
const PAYS = 1.25;
/** A pace below this part of what was taken: the difference is more than uneven clocks and windows make. */
const SLOWER = 0.95;
/** A rate refuses however few calls are in flight. */
const ANY_NUMBER = { proven: Number.POSITIVE_INFINITY, tooMany: Number.POSITIVE_INFINITY };
/** A call that starts late by up to this (ms), or by up to one gap, is made up for. */
const LATENESS_MS = 20;

/** From one refusal to the next. */
interface Episode {
  readonly from: number;
  /** When calls may go out again. */
  readonly until: number;
  taken: number;
  /** Calls per ms at its end; null if nothing limited them. */
  readonly rate: number | null;
}

/**
 * Spreads calls at a rate that the API was found to take, after it refused some as too many in a time. Times are
 * milliseconds of the gate's clock. docs/pace.md explains how it learns.
 */
export class LearnedRate {
  /** When counting began, and the calls since that were not refused. */
  #from = Number.NEGATIVE_INFINITY;
  #taken = 0;
  /** When a call went out last, or was allowed to after a refusal. */
  #lastStart = Number.NEGATIVE_INFINITY;
  /** When a refusal was known last. Refusals of calls that went out before it are of the same excess. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** What was counted until then. */
  #episode: Episode = { from: 0, until: 0, taken: 0, rate: null };
  /** Calls per ms, as learned. */
  #learned: number | null = null;
  /** For how long (ms) calls have gone out at that rate without a refusal. */
  #provenMs = 0;
  #nextStart = Number.NEGATIVE_INFINITY;
  readonly #refusals = new RefusalTest();
  /** All calls were spread since counting began. */
  #isSpread = false;
  /** The most calls per ms that the API took from one refusal to the next while they were spread, waits included. */
  #takenWhenSpread = 0;
  /** The same, while calls are not spread for a trial; null if there is none. */
  #trial: number | null = null;
  /** Refusals come by chance: they teach nothing, unless they go on. */
  #isChance = false;

  /** When the next call may start; -Infinity if nothing was learned. */
  get nextStart(): number {
    return this.#nextStart;
  }

  /** Calls per second that it lets through; null if it does not limit. */
  get perSecond(): number | null {
    const perMs = this.#perMs;
    return perMs === null ? null : perMs * 1000;
  }

  started(now: number): void {
    const sinceLast = now - this.#lastStart;
    this.#lastStart = now;
    if (sinceLast > IDLE_MS) this.#countFrom(now);
    if (now - this.#from > REMEMBERED_MS && this.#taken > 2 * FEWEST) {
      this.#taken /= 2;
      this.#from = (this.#from + now) / 2;
    }
    this.#taken += 1;
    if (this.#learned !== null) this.#spread(now, sinceLast, this.#learned);
  }

  /**
   * The API refused a call as too many in a time. Nothing starts before `resumesAt`. True if it took more before, so that
   * the rate is let go for a trial. Read only after a refusal without a hint.
   */
  refused(now: number, { start, resumesAt }: { readonly start: CallStart; readonly resumesAt: number }): boolean {
    if (resumesAt - now > LONGEST_LEARNED_MS) return false;
    const goesOn = this.#refusals.refused(start, ANY_NUMBER) === 'goes on';
    const wasSpread = this.#learned !== null;
    if (start.startedAt > this.#refusedAt) this.#endEpisode(now, resumesAt);
    if (goesOn && (this.#trial !== null || (this.#isChance && this.#episode.taken > FEWEST))) this.#takeForRate();
    this.#episode.taken -= 1;
    if (this.#isChance || this.#trial !== null) return wasSpread && this.#learned === null;
    const { from, until, taken, rate } = this.#episode;
    const average = Math.max(1, taken) / Math.max(1, until - from);
    this.#learned = CAREFUL * Math.sqrt(average * (rate ?? average));
    return false;
  }

  /** The API took so many calls since then, and refused others all the time. */
  learn(now: number, { since, taken }: { readonly since: number; readonly taken: number }): void {
    this.#takeForRate();
    this.#refusedAt = now;
    this.#provenMs = 0;
    this.#lastStart = now;
    this.#episode = { from: since, until: now, taken, rate: null };
    this.#learned = (CAREFUL * taken) / Math.max(1, now - since);
    this.#nextStart = now + 1 / this.#learned;
    this.#countFrom(now);
  }

  /** It turned out to be none: nothing limits. */
  forget(): void {
    this.#learned = null;
    this.#nextStart = Number.NEGATIVE_INFINITY;
    this.#isSpread = false;
  }

  get #perMs(): number | null {
    return this.#learned === null ? null : this.#learned * this.#growth;
  }

  get #growth(): number {
    const { from, until } = this.#episode;
    const doublesAfter = Math.min(Math.max(SURE_FOR * (until - from), DOUBLES_AFTER_MS), DOUBLES_BEFORE_MS);
    return 1 + (this.#provenMs / doublesAfter) ** 3;
  }

  #spread(now: number, sinceLast: number, learned: number): void {
    const gap = 1 / (learned * this.#growth);
    this.#provenMs += Math.min(sinceLast, gap);
    if (this.#growth < LETS_GO_AT) {
      this.#nextStart = Math.max(this.#nextStart, now - Math.max(gap, LATENESS_MS)) + gap;
      return;
    }
    this.forget();
  }

  /** Refusals are taken for those of a rate. */
  #takeForRate(): void {
    this.#takenWhenSpread = 0;
    this.#trial = null;
    this.#isChance = false;
  }

  #endEpisode(now: number, resumesAt: number): void {
    const rate = this.#perMs;
    this.#refusedAt = now;
    this.#putToTest(rate, resumesAt);
    this.#episode = { from: this.#from, until: resumesAt, taken: this.#taken, rate };
    this.#provenMs = 0;
    this.#nextStart = resumesAt;
    this.#lastStart = resumesAt;
    if (this.#taken > FEWEST) this.#countFrom(resumesAt);
    else this.#taken -= 1;
  }

  /** An API that refuses calls at a pace that it took before does not refuse by a rate. Then it takes more without one. */
  #putToTest(rate: number | null, resumesAt: number): void {
    const isMeasure = this.#taken > FEWEST;
    const taken = (this.#taken - 1) / (resumesAt - this.#from);
    if (rate !== null && rate < SLOWER * this.#takenWhenSpread) {
      this.forget();
      this.#trial = this.#takenWhenSpread;
      this.#countFrom(resumesAt);
      return;
    }
    if (!isMeasure) return;
    if (this.#trial !== null) {
      this.#isChance = taken > PAYS * this.#trial;
      this.#trial = null;
    }
    this.#takenWhenSpread = this.#isSpread && rate !== null ? Math.max(this.#takenWhenSpread, taken) : 0;
    this.#isSpread = true;
  }

  #countFrom(time: number): void {
    this.#from = time;
    this.#taken = 0;
  }
}
