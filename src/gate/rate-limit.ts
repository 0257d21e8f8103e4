/**
 * A minute, and what calls may differ by on their way: those that leave evenly do not arrive evenly, and one that comes
 * a moment before the API's own minute is over is refused.
 */
const MINUTE_MS = 60_500;

/** Tokens of an answer, before the first one came. */
const FIRST_GUESS_TOKENS = 1000;

/** The mean is that of about so many answers, so that it follows when documents or a model change. */
const ANSWERS_IN_MEAN = 100;

export interface PacerSettings {
  /** Null: as many as there are. */
  readonly callsPerMinute: number | null;
  /** Of prompts and answers. Null: as many as there are. */
  readonly tokensPerMinute: number | null;
  /** Calls of the last minute before this run began, so that a restart goes on where it stopped. */
  readonly recent: readonly { readonly agoMs: number; readonly tokens: number }[];
  /** Milliseconds of the clock that all other times are of. */
  readonly now: number;
}

/**
 * Spreads calls evenly, so that no more calls and tokens than allowed fall into any minute, and none of them at once: not
 * at the start, not after a pause. Tokens are estimated before a call and corrected after it; a call of more tokens than
 * a minute allows just puts off the next one.
 */
export class Pacer {
  readonly #calls: Spacing | null;
  readonly #tokens: Spacing | null;
  #answers = 0;
  #meanAnswer = FIRST_GUESS_TOKENS;

  constructor({ callsPerMinute, tokensPerMinute, recent, now }: PacerSettings) {
    this.#calls = callsPerMinute === null ? null : new Spacing(MINUTE_MS / callsPerMinute);
    this.#tokens = tokensPerMinute === null ? null : new Spacing(MINUTE_MS / tokensPerMinute);
    const oldestFirst = recent.toSorted((one, other) => other.agoMs - one.agoMs);
    for (const { agoMs, tokens } of oldestFirst) this.started(now - agoMs, tokens);
    // However many they were, after a minute they are none of the last minute's any more.
    for (const spacing of [this.#calls, this.#tokens]) spacing?.notAfter(now + MINUTE_MS);
  }

  /** When the next call may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return Math.max(
      this.#calls?.nextStart ?? Number.NEGATIVE_INFINITY,
      this.#tokens?.nextStart ?? Number.NEGATIVE_INFINITY,
    );
  }

  /** A call starts that is estimated to use so many tokens. */
  started(now: number, tokens: number): void {
    this.#calls?.take(now, 1);
    this.#tokens?.take(now, tokens);
  }

  /** What a call really used: what was estimated too much or too little moves the next start. */
  corrected(now: number, estimated: number, used: number): void {
    this.#tokens?.take(now, used - estimated);
  }

  /** An answer of so many tokens came: the next ones are expected to be like it. */
  answered(tokens: number): void {
    this.#answers = Math.min(this.#answers + 1, ANSWERS_IN_MEAN);
    this.#meanAnswer += (tokens - this.#meanAnswer) / this.#answers;
  }

  /** The tokens that a call is likely to use: its prompt, and an answer as those so far, or as long as it may be. */
  estimate(promptTokens: number, maxTokens: number): number {
    return promptTokens + Math.min(this.#meanAnswer, maxTokens);
  }
}

/** What timers are late by (ms) is made up for, so that many short gaps do not add up to a slower pace. */
const LATENESS_MS = 10;

/** Keeps units (calls, tokens) apart by an even gap. Time that went unused is not saved up. Milliseconds of any clock. */
export class Spacing {
  readonly #gapMs: number;
  #nextStart = Number.NEGATIVE_INFINITY;

  /** @param gapMs of one unit */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** When the next unit may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return this.#nextStart;
  }

  /** So many units start now: what comes next is put off. Less than none: units are given back, and it comes earlier. */
  take(now: number, units: number): void {
    const earliest = now - LATENESS_MS;
    this.#nextStart = Math.max(earliest, Math.max(earliest, this.#nextStart) + units * this.#gapMs);
  }

  /** Nothing is put off beyond `latest`. */
  notAfter(latest: number): void {
    this.#nextStart = Math.min(this.#nextStart, latest);
  }
}
