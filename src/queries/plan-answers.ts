import type { Basis, Range } from '../cli/plan/plan.ts';
import type { PastAnswer } from './plan-history.ts';
import { mapRange } from './ranges.ts';

/** What one call is expected to bring, and how long it takes. */
export interface ExpectedAnswer {
  readonly completionTokens: Range;
  readonly seconds: Range;
  readonly basis: Basis;
}

/** From fewer answers than these nothing is concluded. */
const ENOUGH = 5;

/** Tokens of an answer where nothing is known; the longest is what is asked for. */
const GUESS = { low: 100, likely: 800 };

/** A guess, too: until the first token, and from there on. */
const FIRST_TOKEN_SECONDS = 1;
const TOKENS_PER_SECOND = 60;

/** From earlier answers (the shortest and the longest tenth cut off), else from a guess. */
export function expectAnswer(
  past: readonly PastAnswer[],
  { maxTokens, timeoutSeconds }: { readonly maxTokens: number; readonly timeoutSeconds: number },
): ExpectedAnswer {
  if (past.length >= ENOUGH) {
    return {
      completionTokens: rangeOf(past.map(({ completionTokens }) => completionTokens)),
      seconds: rangeOf(past.map(({ seconds }) => seconds)),
      basis: { from: 'ledger', answers: past.length },
    };
  }
  const tokens = mapRange({ ...GUESS, high: maxTokens }, (count) => Math.min(count, maxTokens));
  return {
    completionTokens: tokens,
    seconds: mapRange(tokens, (count) => Math.min(FIRST_TOKEN_SECONDS + count / TOKENS_PER_SECOND, timeoutSeconds)),
    basis: { from: 'guess', answers: past.length },
  };
}

/** Totals grow with the mean; a few that are very large may lift it above nine tenths. */
function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const likely = values.reduce((total, value) => total + value, 0) / values.length;
  return { low: Math.min(at(0.1), likely), likely, high: Math.max(at(0.9), likely) };
}
