import { describe, expect, test } from '@jest/globals';
import { resolveApi } from '../../src/llm/api.ts';
import { TELLS_NOTHING } from '../../src/llm/catalogue.ts';
import { openMoney } from '../../src/run/money.ts';
import { preparedOf } from './support.ts';

const AFTERNOON = Date.UTC(2026, 4, 17, 15, 30);
const API = 'http://127.0.0.1:4000/v1';
const SONNET = { prompt: 3e-6, completion: 15e-6, request: 0 };

/** The money of a run with these flags, after 1.25 USD were spent today, and of what that was asked. */
async function opened(flags: Readonly<Record<string, unknown>>, spentInThisRunUsd = 0) {
  const { options } = preparedOf(flags);
  const asked: string[][] = [];
  const spentSince = (since: string, api: string, recipe?: string): number => {
    asked.push([since, api, ...(recipe === undefined ? [] : [recipe])]);
    return since.includes('T00:00') ? 1.25 + spentInThisRunUsd : spentInThisRunUsd;
  };
  const money = await openMoney(options, {
    askForCatalogue: () => Promise.resolve({ ...TELLS_NOTHING, price: () => SONNET }),
    knownCatalogue: () => null,
    ledger: { spentSince },
    api: resolveApi(API),
    clock: { wall: () => AFTERNOON },
  });
  return { ...money, asked };
}

describe('the money of a run', () => {
  test('begins with nothing spent if it ends by itself', async () => {
    const { budget, notes, asked } = await opened({ once: true, 'max-cost': '2' });
    expect([budget?.limitUsd, budget?.spentUsd, budget?.refilledAt]).toEqual([2, 0, null]);
    expect(notes).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('goes on with what that API took since midnight, UTC, if it goes on for days', async () => {
    const { budget, asked } = await opened({ 'max-cost': '2' });
    expect([budget?.spentUsd, budget?.refilledAt]).toEqual([1.25, Date.UTC(2026, 4, 18)]);
    expect(asked).toEqual([['2026-05-17T00:00:00.000Z', API]]);
  });

  test('is not limited without the option', async () => {
    const { budget, notes, prices } = await opened({});
    expect({ budget, notes, price: prices.of('any') }).toEqual({ budget: null, notes: [], price: null });
  });

  test('has prices without a limit if flags say them: some APIs report tokens alone', async () => {
    const { budget, prices } = await opened({ 'price-prompt': '3', 'price-completion': '15' });
    expect(budget).toBeNull();
    expect(prices.of('any')).toEqual({ ...SONNET, from: 'flags' });
  });

  test('of a recipe begins with what was spent with it between midnight and the start of the run', async () => {
    const { budgetFor, asked } = await opened({}, 0.75);
    const budget = budgetFor('recipes/default.prompt');
    expect([budget.spentUsd, budget.refilledAt]).toEqual([1.25, Date.UTC(2026, 4, 18)]);
    expect(asked).toEqual([
      ['2026-05-17T00:00:00.000Z', API, 'recipes/default.prompt'],
      ['2026-05-17T15:30:00.000Z', API, 'recipes/default.prompt'],
    ]);
  });

  test('of a recipe is not looked up if that has no limit', async () => {
    const { budgetFor, asked } = await opened({});
    budgetFor('recipes/default.prompt').reserve(1).charge(0.5);
    expect(asked).toEqual([]);
  });

  test('of a recipe begins with nothing spent if the run ends by itself', async () => {
    const { budgetFor, asked } = await opened({ once: true });
    expect(budgetFor('recipes/default.prompt').spentUsd).toBe(0);
    expect(asked).toEqual([]);
  });
});
