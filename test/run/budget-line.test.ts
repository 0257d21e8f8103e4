import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import type { Price } from '../../src/domain/ports.ts';
import { usd } from '../../src/lib/text.ts';
import { type PricedCall, pricedCall } from '../../src/run/call-costs.ts';
import { type BudgetFacts, budgetLine } from '../../src/run/money.ts';

const SONNET = { prompt: 3e-6, completion: 15e-6, request: 0 };

/** Of a model at this price, whose answers have so many tokens; cut ones are asked for once more, twice as long. */
function callOf(price: Price, firstTokens = 64_000, maxTokens = firstTokens): PricedCall {
  const call = { model: 'acme/one', bound: '--max-tokens', firstTokens, maxTokens, surcharge: 1, fees: false } as const;
  const priced = pricedCall(call, { of: () => price });
  if (priced === null) throw new Error('it has a price');
  return priced;
}

const FACTS = { limitUsd: 2, perDay: false, spentUsd: 0, calls: [callOf(SONNET)], callsAtMost: 5, simulated: false };

function lineOf(facts: Partial<BudgetFacts>): string | null {
  return budgetLine({ ...FACTS, ...facts });
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

  test('goes by the call that can cost the most, of all recipes', () => {
    const calls = [callOf(SONNET, 500), callOf(SONNET, 4000, 8000)];
    expect(lineOf({ calls, limitUsd: 0.25 })).toBe(
      'A budget of $0.2500 allows 2 calls at once, or fewer: ' +
        'each may cost $0.1200 (8,000 tokens at $15.00 a million) and its prompt.',
    );
    expect(lineOf({ calls, limitUsd: 0.01 })).toContain('allows 1 call at once');
    expect(() => lineOf({ calls, limitUsd: 0.005 })).toThrow('it may cost $0.0075 (500 tokens');
  });

  test('is not told where other limits allow no more calls; what was spent is', () => {
    expect(lineOf({ callsAtMost: 2 })).toBeNull();
    expect(lineOf({ callsAtMost: 1, spentUsd: 0.5, perDay: true })).toBe(
      "A budget of $2.00 a day (UTC): $0.5000 of today's are spent.",
    );
    expect(lineOf({ calls: [] })).toBeNull();
  });

  test('at the simulator says what calls would cost', () => {
    expect(lineOf({ simulated: true })).toContain('or fewer: each would cost $0.9600');
  });

  test('says that what is free is not bounded', () => {
    const price = { prompt: 0, completion: 0, request: 0 };
    expect(lineOf({ calls: [callOf(price)] })).toBe('A budget of $2.00 bounds no answers: they are free.');
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
    [{ limitUsd: 0.5, calls: [callOf({ ...SONNET, request: 1 })] }, /Raise --max-cost\.$/],
    [
      { limitUsd: 0.05, calls: [{ ...callOf(SONNET, 4000, 8000), bound: 'max_tokens of the recipe' as const }] },
      'A budget of $0.0500 allows not even one call: it may cost $0.0600 (4,000 tokens at $15.00 a million) and its prompt. ' +
        'Lower max_tokens of the recipe to less than 3,333, or raise --max-cost.',
    ],
  ])('is refused with the arithmetic, and with what to do: %j', (facts, words) => {
    expect(() => lineOf(facts)).toThrow(UsageError);
    expect(() => lineOf(facts)).toThrow(words);
  });
});
