import { describe, expect, test } from '@jest/globals';
import { expectAnswer } from '../../../src/cli/plan/estimate.ts';

const limits = { maxTokens: 64_000, timeoutSeconds: 900, onLength: 'fail' } as const;
const answers = (...tokens: number[]) =>
  tokens.map((completionTokens) => ({ completionTokens, seconds: completionTokens / 100 }));

describe('expectAnswer', () => {
  test('guesses if nothing is known, and says so', () => {
    expect(expectAnswer([], limits)).toEqual({
      completionTokens: { low: 100, likely: 800, high: 64_000 },
      seconds: { low: expect.any(Number), likely: expect.any(Number), high: 900 },
      callsAtMost: 1,
      tokensReread: 0,
      basis: { from: 'guess', answers: 0 },
    });
  });

  test('guesses no longer an answer than is asked for', () => {
    expect(expectAnswer([], { ...limits, maxTokens: 50 }).completionTokens).toEqual({ low: 50, likely: 50, high: 50 });
  });

  test.each([
    ['retry', 12_000, 2, 0],
    ['continue', 9 * 4000, 9, 36 * 4000],
  ] as const)('bounds an answer that is cut each time: on_length %s', (onLength, tokens, callsAtMost, tokensReread) => {
    const expected = expectAnswer([], { ...limits, maxTokens: 4000, onLength });
    expect(expected).toMatchObject({ completionTokens: { likely: 800, high: tokens }, callsAtMost, tokensReread });
  });

  test('does not count four answers, but five', () => {
    expect(expectAnswer(answers(10, 20, 30, 40), limits).basis).toEqual({ from: 'guess', answers: 4 });
    expect(expectAnswer(answers(10, 20, 30, 40, 50), limits)).toEqual({
      completionTokens: { low: 10, likely: 30, high: 50 },
      seconds: { low: 0.1, likely: 0.3, high: 0.5 },
      callsAtMost: 1,
      tokensReread: 0,
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
