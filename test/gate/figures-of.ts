import type { Call } from './simulate-run.ts';

interface Figures {
  /** Answers per second, from the first to the last. */
  readonly goodput: number;
  /** The part of all calls that was refused. */
  readonly rejected: number;
  readonly mostInFlight: number;
}

export function figuresOf(calls: readonly Call[]): Figures {
  const answers = calls.filter(({ refused }) => !refused);
  return {
    goodput: (answers.length * 1000) / (answers.at(-1)?.endedAt ?? Number.NaN),
    rejected: (calls.length - answers.length) / calls.length,
    mostInFlight: calls.reduce((most, { inFlight }) => Math.max(most, inFlight), 0),
  };
}

/** Answers per second that came between two times (ms). */
export function goodputBetween(calls: readonly Call[], from: number, to: number): number {
  return (
    (calls.filter(({ refused, endedAt }) => !refused && endedAt >= from && endedAt < to).length * 1000) / (to - from)
  );
}
