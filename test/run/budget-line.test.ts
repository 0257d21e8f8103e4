import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { usd } from '../../src/lib/text.ts';
import { type BudgetFacts, budgetLine } from '../../src/run/money.ts';

const SONNET = { prompt: 3e-6, completion: 15e-6, request: 0 };

function lineOf(facts: Partial<BudgetFacts>): string {
  return budgetLine({ limitUsd: 2, perDay: false, spentUsd: 0, maxTokens: 64_000, price: SONNET, ...facts });
}

describe('the line on the budget', () => {
  test('says how many calls at once it allows, and why', () => {
    expect(lineOf({})).toBe(
      'A budget of $2.00 allows 2 calls at once, or fewer: ' +
        'each may cost $0.9600 (64,000 tokens at $15.00 a million) and its prompt.',
    );
  });

  test.each([
    [1.04, '1 call'],
    [0.08, '2 calls'],
  ])('counts what is left of the day, and says what was spent of it: %d', (spentUsd, calls) => {
    expect(lineOf({ perDay: true, spentUsd })).toBe(
      `A budget of $2.00 a day (UTC) allows ${calls} at once, or fewer: ` +
        `each may cost $0.9600 (64,000 tokens at $15.00 a million) and its prompt. ${usd(spentUsd)} of today's are spent.`,
    );
  });

  test.each([1.05, 2, 2.5])('says when the rest of the day is too little for any call: %d are spent', (spentUsd) => {
    expect(lineOf({ perDay: true, spentUsd })).toBe(
      `A budget of $2.00 a day (UTC): ${usd(spentUsd)} of today's are spent. The rest allows no call before ` +
        'the day ends: one may cost $0.9600 (64,000 tokens at $15.00 a million) and its prompt.',
    );
  });

  test.each([
    [1.92, '2 calls'],
    [0.96, '1 call'],
    [1.919_999, '1 call'],
  ])('counts exactly: %d', (limitUsd, calls) => {
    expect(lineOf({ limitUsd })).toContain(`allows ${calls} at once`);
  });

  test('says that what is free is not bounded', () => {
    const price = { prompt: 0, completion: 0, request: 0 };
    expect(lineOf({ price })).toBe('A budget of $2.00 bounds no answers: they are free.');
  });
});

describe('a budget that allows not even one call', () => {
  test.each([
    [
      { limitUsd: 0.5 },
      'A budget of $0.5000 allows not even one call: it may cost $0.9600 (64,000 tokens at $15.00 a million) and its prompt. ' +
        'Lower --max-tokens to less than 33,333, or raise --max-cost.',
    ],
    [{ limitUsd: 0.000_01 }, /Raise --max-cost\.$/],
    [{ limitUsd: 0.5, price: { ...SONNET, request: 1 } }, /Raise --max-cost\.$/],
  ])('is refused with the arithmetic, and with what to do: %j', (facts, words) => {
    expect(() => lineOf(facts)).toThrow(UsageError);
    expect(() => lineOf(facts)).toThrow(words);
  });
});
