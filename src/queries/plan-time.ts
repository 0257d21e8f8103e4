import type { Plan, Range } from '../cli/plan/plan.ts';

export interface TimedWork {
  readonly requests: number;
  /** The most of one document: they are made one after another. */
  readonly longest: number;
  /** Of prompts and answers together. */
  readonly tokens: Range;
  readonly pace: Plan['pace'];
}

const SECONDS_PER_MINUTE = 60;

/** How long a run takes in which nothing goes wrong; with `auto` only the least is known. */
export function timeOf(work: TimedWork): Plan['seconds'] {
  const { concurrency, concurrencyMax } = work.pace;
  if (concurrency !== 'auto') {
    const secondsAt = (end: keyof Range): number => secondsWith(work, concurrency, end);
    return { low: secondsAt('low'), likely: secondsAt('likely'), high: secondsAt('high') };
  }
  return { low: secondsWith(work, concurrencyMax, 'low'), likely: null, high: null };
}

/** The slowest of what bounds it: calls at once, calls a minute, tokens a minute. */
function secondsWith({ requests, longest, tokens, pace }: TimedWork, concurrency: number, end: keyof Range): number {
  const { callSeconds, rpm, tpm } = pace;
  return Math.max(
    Math.max(requests / concurrency, longest) * callSeconds[end],
    rpm === null ? 0 : (requests / rpm) * SECONDS_PER_MINUTE,
    tpm === null ? 0 : (tokens[end] / tpm) * SECONDS_PER_MINUTE,
  );
}
