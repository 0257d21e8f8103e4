import type { CallStart, LimitFall } from './adaptive-limit.ts';

/** Up to this share of the calls is refused by chance. */
const CHANCE = 1 / 16;
/** More is not taken for chance. */
const MOST_CHANCE = 1 / 4;
/** Refusals go on if chance brings that many in a row once in this many calls: 3, if one in 16 comes by chance ... */
const RARE = 4096;
/** ... 2 are enough with more calls in flight than the API took lately ... */
const RARE_WHEN_UNTRIED = 256;
/** ... and 1, with as many as were too many whenever they were tried. */
const RARE_WHEN_KNOWN = 16;
/** Of this many calls after calls became fewer ... */
const WATCHED = 16;
/** ... three refused ones show that it did not help. */
const NO_HELP = 3;

/** Refusals with few other calls between them. */
interface Streak {
  readonly first: CallStart;
  /** Calls that were refused before. */
  readonly refusedBefore: number;
}

/** `chance`: it may be. `goes on`: it is not. `no help`: calls became fewer, or slower, and it goes on all the same. */
export type RefusalMeaning = 'chance' | 'goes on' | 'no help';

/**
 * Whether refusals go on, or come by chance: a sequential test (CUSUM). One is of those without a hint, another of all that
 * may teach a rate. Each refusal adds one to a score, and calls that were not refused lower it. Calls are counted in the
 * order in which they went out, as a refusal is known sooner than an answer; those in flight count as accepted.
 */
export class RefusalTest {
  #chance = CHANCE;
  /** As if this many calls in a row had been refused. */
  #score = 0;
  /** The last call that was refused. */
  #last = 0;
  #watch: { from: number; refused: number; readonly share: number; readonly lasts: boolean } | undefined;
  /** All calls that were refused. */
  count = 0;
  streak: Streak = { first: { startedAt: 0, inFlight: 0, number: 0 }, refusedBefore: 0 };
  /** The fewest calls in flight of which one was too many, since refusals began to come or calls became fewer. */
  lowest = Number.POSITIVE_INFINITY;

  /** @param limits calls in flight that the API took lately, and those that were too many whenever they were tried */
  refused(start: CallStart, limits: { readonly proven: number; readonly tooMany: number }): RefusalMeaning {
    const { number, inFlight } = start;
    const accepted = Math.max(0, number - this.#last - 1);
    this.#last = Math.max(this.#last, number);
    const before = Math.max(0, this.#score - accepted / this.#madeUpBy);
    this.#score = before + 1;
    if (before === 0) this.streak = { first: start, refusedBefore: this.count };
    this.lowest = before === 0 ? inFlight : Math.min(this.lowest, inFlight);
    this.count += 1;
    const enough = -Math.log(this.#rare(limits)) / Math.log(this.#chance);
    const goesOn = this.#score >= enough;
    // If they still go on, the very next call shows it.
    if (goesOn) this.#score = enough - 1;
    if (this.#didNotHelp(number, goesOn)) return 'no help';
    return goesOn ? 'goes on' : 'chance';
  }

  /** Calls become fewer after this one. */
  becameFewer(number: number): void {
    this.#watch = { from: number + 1, refused: 0, share: NO_HELP / WATCHED, lasts: false };
    this.lowest = Number.POSITIVE_INFINITY;
  }

  /** Calls become slower after this one. @param share of the calls that was refused before */
  becameSlower(number: number, share: number): void {
    this.#watch = { from: number + 1, refused: 0, share: Math.max(NO_HELP / WATCHED, share / 2), lasts: true };
  }

  /** Neither fewer nor slower calls helped: twice as many refusals as so far are taken for chance. */
  expectMore(): void {
    this.#chance = Math.min(2 * this.#chance, MOST_CHANCE);
    this.#score = 0;
    this.#watch = undefined;
  }

  #rare({ proven, tooMany }: { readonly proven: number; readonly tooMany: number }): number {
    if (this.lowest <= proven) return RARE;
    return this.lowest < tooMany ? RARE_WHEN_UNTRIED : RARE_WHEN_KNOWN;
  }

  /** Accepted calls that make up for a refusal: 3, if one in 16 is refused by chance. */
  get #madeUpBy(): number {
    return 1 / Math.sqrt(this.#chance) - 1;
  }

  /** True once as many of the calls that were watched are refused. While a limit still falls, that shows nothing. */
  #didNotHelp(number: number, goesOn: boolean): boolean {
    const watch = this.#watch;
    if (watch === undefined || number < watch.from || (goesOn && !watch.lasts)) return false;
    const calls = number - watch.from + 1;
    watch.refused += 1;
    if (calls < WATCHED) return false;
    const isMany = watch.refused >= watch.share * calls;
    if (!isMany && watch.refused === 1) this.#chance = Math.max(this.#chance / 2, CHANCE);
    if (watch.lasts) Object.assign(watch, { from: number + 1, refused: 0 });
    else this.#watch = undefined;
    return isMany;
  }
}

/** A fall is deep if it took this many steps (the second is of two calls) and this part of the limit. */
const DEEP_STEP = 2;
const DEEP_PART = 0.25;
/** Two deep falls belong together if fewer calls than this many times the limit lie between them. */
const ROUND_TRIPS = 40;
/** Fewer accepted calls than this measure no rate. */
const FEWEST = 4;

/** What an API took while it refused the rest. */
interface MeasuredRate {
  /** Milliseconds of the gate's clock. */
  readonly since: number;
  readonly taken: number;
  readonly refused: number;
}

/**
 * Tells too many calls in a time from too many at once, where refusals do not say which. What is too many at once is found
 * in one step. Too many in a time are refused on and on, however few are in flight: until one is, or again as soon as
 * there are more.
 */
export class RateSigns {
  /** The fall that goes on, and the refusals from its beginning. */
  #now: { readonly fall: LimitFall; readonly streak: Streak } | undefined;
  /** The refusals of the deep fall before, and the number of the last call that comes soon after. */
  #before: { readonly streak: Streak; readonly until: number } | undefined;

  /** The limit fell; null if that is no sign of a rate. @param calls the limit before this refusal */
  see(fall: LimitFall, calls: number, { number, inFlight }: CallStart, refusals: RefusalTest): MeasuredRate | null {
    const isNew = fall.step === 1 && calls === fall.from;
    if (isNew && this.#now !== undefined && isDeep(this.#now.fall)) {
      const { first } = this.#now.streak;
      this.#before = { streak: this.#now.streak, until: first.number + ROUND_TRIPS * this.#now.fall.from };
    }
    const streak = isNew || this.#now === undefined ? refusals.streak : this.#now.streak;
    this.#now = { fall, streak };
    if (calls === 1 && inFlight === 1) return this.#measure(streak, number, refusals);
    const isAgain = this.#before !== undefined && number < this.#before.until && isDeep(fall);
    return isAgain && this.#before !== undefined ? this.#measure(this.#before.streak, number, refusals) : null;
  }

  #measure({ first, refusedBefore }: Streak, number: number, { count }: RefusalTest): MeasuredRate | null {
    const refused = count - refusedBefore;
    const taken = number - first.number + 1 - refused;
    if (taken < FEWEST) return null;
    this.#now = undefined;
    this.#before = undefined;
    return { since: first.startedAt, taken, refused };
  }
}

function isDeep({ from, to, step }: LimitFall): boolean {
  return step >= DEEP_STEP && from - to >= from * DEEP_PART;
}
