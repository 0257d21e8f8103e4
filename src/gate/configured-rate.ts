/** A minute, and a margin: calls that leave evenly do not arrive evenly, and one that comes too early is refused. */
const MINUTE_MS = 60_500;

/** Tokens of an answer, before the first one came. */
const FIRST_GUESS_TOKENS = 1000;

/** The mean is that of about this many answers, so that it follows when documents or a model change. */
const ANSWERS_IN_MEAN = 100;

export interface ConfiguredRateSettings {
  /** Null: no limit. */
  readonly callsPerMinute: number | null;
  /** Of prompts and answers. Null: no limit. */
  readonly tokensPerMinute: number | null;
  /** Calls of the last minute before this run began, so that a restart goes on at their pace. */
  readonly recent: readonly { readonly agoMs: number; readonly tokens: number }[];
  /** Milliseconds, by the clock of all other times. */
  readonly now: number;
}

/**
 * The rate of `--rpm` and `--tpm`: spreads calls evenly, so that no minute has more calls or tokens than allowed, and none
 * begins with a burst. Tokens are estimated before a call and corrected after it; a call of more tokens than a minute allows
 * just puts off the next one.
 */
export class ConfiguredRate {
  readonly #calls: Spacing;
  readonly #tokens: Spacing;
  #answers = 0;
  #meanAnswer = FIRST_GUESS_TOKENS;

  constructor({ callsPerMinute, tokensPerMinute, recent, now }: ConfiguredRateSettings) {
    this.#calls = new Spacing(MINUTE_MS / (callsPerMinute ?? Number.POSITIVE_INFINITY));
    this.#tokens = new Spacing(MINUTE_MS / (tokensPerMinute ?? Number.POSITIVE_INFINITY));
    const oldestFirst = recent.toSorted((one, other) => other.agoMs - one.agoMs);
    for (const { agoMs, tokens } of oldestFirst) this.started(now - agoMs, tokens);
    // However many they were, in a minute all of them are older than a minute.
    for (const spacing of [this.#calls, this.#tokens]) spacing.notAfter(now + MINUTE_MS);
  }

  /** When the next call may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return Math.max(this.#calls.nextStart, this.#tokens.nextStart);
  }

  /** A call starts. `tokens` are estimated. */
  started(now: number, tokens: number): void {
    this.#calls.take(now, 1);
    this.#tokens.take(now, tokens);
  }

  /** A call ended: the error of its estimate moves the next start. */
  corrected(now: number, estimated: number, used: number): void {
    this.#tokens.take(now, used - estimated);
  }

  /** An answer of this many tokens came. */
  answered(tokens: number): void {
    this.#answers = Math.min(this.#answers + 1, ANSWERS_IN_MEAN);
    this.#meanAnswer += (tokens - this.#meanAnswer) / this.#answers;
  }

  /** The tokens that a call is likely to use: its prompt, and an answer like those so far, or of `maxTokens`. */
  estimate(promptTokens: number, maxTokens: number): number {
    return promptTokens + Math.min(this.#meanAnswer, maxTokens);
  }
}

/** Timers are late by up to this (ms). It is made up for, so that many short gaps do not add up to a slower pace. */
const LATENESS_MS = 10;

/** Keeps units (calls, tokens) apart by an even gap. Unused time is not saved up. Times are ms of any clock. */
export class Spacing {
  readonly #gapMs: number;
  #nextStart = Number.NEGATIVE_INFINITY;

  /** @param gapMs of one unit; 0 for no limit */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** When the next unit may start; in the past if nothing holds it back. */
  get nextStart(): number {
    return this.#nextStart;
  }

  /** Units start now: the next start is put off. A negative number gives units back. */
  take(now: number, units: number): void {
    const earliest = now - LATENESS_MS;
    this.#nextStart = Math.max(earliest, Math.max(earliest, this.#nextStart) + units * this.#gapMs);
  }

  /** Nothing is put off any further than this. */
  notAfter(latest: number): void {
    this.#nextStart = Math.min(this.#nextStart, latest);
  }
}
