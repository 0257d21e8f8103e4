import { describe, expect, test } from '@jest/globals';
import { expectAnswer } from '../../../src/cli/plan/estimate.ts';

const limits = { maxTokens: 64_000, timeoutSeconds: 900 };
const answers = (...tokens: number[]) =>
  tokens.map((completionTokens) => ({ completionTokens, seconds: completionTokens / 100 }));

describe('expectAnswer', () => {
  test('guesses if nothing is known, and says so', () => {
    expect(expectAnswer([], limits)).toEqual({
      completionTokens: { low: 100, likely: 800, high: 64_000 },
      seconds: { low: expect.any(Number), likely: expect.any(Number), high: 900 },
      basis: { from: 'guess', answers: 0 },
    });
  });

  test('guesses no longer an answer than is asked for', () => {
    expect(expectAnswer([], { ...limits, maxTokens: 50 }).completionTokens).toEqual({ low: 50, likely: 50, high: 50 });
  });

  test('does not count four answers, but five', () => {
    expect(expectAnswer(answers(10, 20, 30, 40), limits).basis).toEqual({ from: 'guess', answers: 4 });
    expect(expectAnswer(answers(10, 20, 30, 40, 50), limits)).toEqual({
      completionTokens: { low: 10, likely: 30, high: 50 },
      seconds: { low: 0.1, likely: 0.3, high: 0.5 },
      basis: { from: 'ledger', answers: 5 },
    });
  });

  test('cuts off the shortest and the longest tenth', () => {
    const hundred = Array.from({ length: 101 }, (_, index) => index);
    expect(expectAnswer(answers(...hundred), limits).completionTokens).toEqual({ low: 10, likely: 50, high: 90 });
  });

  test('the likely one is the mean, and within the range, however long a few are', () => {
    const { completionTokens } = expectAnswer(answers(...Array<number>(99).fill(1), 100_000), limits);
    expect(completionTokens).toEqual({ low: 1, likely: 1000.99, high: 1000.99 });
  });
});
