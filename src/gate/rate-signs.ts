import type { CallStart, LimitFall } from './adaptive-limit.ts';
import type { RefusalTest, Streak } from './refusal-test.ts';

/** A fall is deep if it took this many steps (the second is of two calls) and this part of the limit. */
const DEEP_STEP = 2;
const DEEP_PART = 0.25;
/** Two deep falls belong together if fewer calls than this many times the limit lie between them. */
const ROUND_TRIPS = 40;
/** Fewer accepted calls than this measure no rate. */
const FEWEST = 4;

/** What an API took while it refused the rest. */
export interface MeasuredRate {
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
