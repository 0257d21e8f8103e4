import type { Range } from '../cli/plan/plan.ts';

export const NOTHING: Range = { low: 0, likely: 0, high: 0 };

export function addRanges(one: Range, other: Range): Range {
  return { low: one.low + other.low, likely: one.likely + other.likely, high: one.high + other.high };
}

export function mapRange({ low, likely, high }: Range, change: (value: number) => number): Range {
  return { low: change(low), likely: change(likely), high: change(high) };
}
