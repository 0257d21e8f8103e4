import type { Plan, Range } from '../report/plan.ts';

export interface TimedWork {
  readonly documents: number;
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
function secondsWith({ documents, tokens, pace }: TimedWork, concurrency: number, end: keyof Range): number {
  const { callSeconds, rpm, tpm } = pace;
  return Math.max(
    // One call after another, and no call in parts.
    documents === 0 ? 0 : Math.max(documents / concurrency, 1) * callSeconds[end],
    rpm === null ? 0 : (documents / rpm) * SECONDS_PER_MINUTE,
    tpm === null ? 0 : (tokens[end] / tpm) * SECONDS_PER_MINUTE,
  );
}
