import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type PlanSources, planWork } from '../../../src/cli/plan/command.ts';
import type { Pricing } from '../../../src/cli/plan/plan.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { createConverter } from '../../../src/inbox/convert/converter.ts';
import { attemptOf, FilledLedger, versionOf } from '../../support/filled-ledger.ts';
import { Workspace } from '../../support/workspace.ts';
import { resolveOptions } from '../options/support.ts';
import { idsOf, modelsKnowing, recipesOf } from '../scenes.ts';

const priced: Pricing = { price: { prompt: 1e-6, completion: 1e-5, request: 0.01 }, priceUnknown: null };
/** Of every model. */
const pricingOf = (): Pricing => priced;
const unpriced: Pricing = { price: null, priceUnknown: 'unpriced' };

describe('planWork', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const planned = (flags: Readonly<Record<string, string>> = {}, sources: Partial<PlanSources> = {}) => {
    const { options } = resolveOptions({
      flags: { root: workspace.root, ...flags },
      environment: {},
      currentFolder: workspace.root,
    });
    return planWork(options, {
      recipes: recipesOf(),
      api: 'https://api.test/v1',
      models: modelsKnowing(),
      converter: createConverter({ worker: null }),
      pricingOf: () => unpriced,
      now: new Date(),
      pilot: null,
      ...sources,
    });
  };
  const remember = async (...lengths: readonly number[]) => {
    const filled = await FilledLedger.open(workspace.root);
    for (const [index, completionTokens] of lengths.entries())
      await filled.answer(versionOf(`old-${index}`), 'Yes.', [attemptOf(1, { completionTokens, seconds: 2 })]);
    await filled.close();
  };

  test('finds documents, tokens, cost and time of a new workspace', async () => {
    await workspace.drop('a.txt', 'hello world');
    await workspace.drop('b.txt', 'hello world');
    await workspace.drop('c.txt', 'hello');
    const { plan, asked } = await planned({ 'max-tokens': '1000' }, { pricingOf });
    expect(idsOf(asked)).toHaveLength(2);
    expect(plan).toMatchObject({
      documents: { asked: 2, reused: 1, skipped: 0, failed: 0, held: 0, refused: 0, pending: 0 },
      refusals: {},
      recipes: [],
      bytes: 16,
      requests: 2,
      model: 'acme/small',
      api: 'https://api.test/v1',
      tokens: {
        // 2 and 1 for the words, 7 around each.
        prompt: { low: 17, likely: 17, high: 22 },
        media: { likely: 0, atMost: 0 },
        completion: { low: 200, likely: 1600, high: 2000 },
        tokenizer: 'o200k_base',
        tokenizerFits: false,
        counted: { documents: 2, bytes: 16 },
      },
      basis: { from: 'guess', answers: 0 },
      pace: { concurrency: 5, rpm: null, tpm: null },
      pilot: null,
    });
    expect(plan.costUsd?.low).toBeCloseTo(17 * 1e-6 + 200 * 1e-5 + 0.02);
    expect(plan.costUsd?.high).toBeCloseTo(22 * 1e-6 + 2000 * 1e-5 + 0.02);
  });

  test('without a price the cost is unknown, and not nothing', async () => {
    await workspace.drop('a.txt');
    expect((await planned()).plan).toMatchObject({
      costUsd: null,
      price: null,
      priceUnknown: 'unpriced',
      budget: null,
    });
  });

  test.each([
    ['more than enough', '1', 2],
    ['not enough', '0.03', 1],
    ['not enough for one', '0.001', 0],
  ])('a budget of %s', async (_, usd, documents) => {
    await workspace.drop('a.txt', 'hello world');
    await workspace.drop('b.txt', 'hello');
    const { plan } = await planned({ 'max-cost': usd }, { pricingOf });
    expect(plan.costUsd?.likely).toBeCloseTo(0.036);
    expect(plan.budget).toEqual({ maxCostUsd: Number(usd), documents });
  });

  test('how far a budget goes is unknown if the cost is', async () => {
    await workspace.drop('a.txt');
    expect((await planned({ 'max-cost': '1' })).plan.budget).toEqual({ maxCostUsd: 1, documents: null });
  });

  test('the budget follows from the pilot', async () => {
    await workspace.drop('a.txt');
    await workspace.drop('b.txt');
    await remember(10);
    const pilot = { documents: [versionOf('old-0').document], startedAt: '2026-01-01', stopped: false };
    const { plan } = await planned({ 'max-cost': '0.3' }, { pricingOf, pilot });
    // Its answer came to 0.25.
    expect([plan.pilot?.estimate?.costUsd?.likely, plan.budget?.documents]).toEqual([0.5, 1]);
    expect(plan.costUsd?.likely).toBeLessThan(0.3);
    const unanswered = { ...pilot, documents: [versionOf('a.txt').document] };
    const nothing = await planned({ 'max-cost': '0.3' }, { pricingOf, pilot: unanswered });
    expect([nothing.plan.pilot?.estimate, nothing.plan.budget?.documents]).toEqual([null, null]);
  });

  test.each([
    ['found by itself', { concurrency: 'auto' }],
    ['limited by calls', { rpm: '60' }],
    ['limited by tokens', { tpm: '1000' }],
  ])('a pilot gives no time for a pace that is %s', async (_, flags: Readonly<Record<string, string>>) => {
    await workspace.drop('a.txt');
    await remember(10);
    const pilot = { documents: [versionOf('old-0').document], startedAt: '2026-01-01', stopped: false };
    expect((await planned(flags, { pilot })).plan.pilot?.estimate?.seconds).toBeNull();
    expect((await planned({}, { pilot })).plan.pilot?.estimate?.seconds).not.toBeNull();
  });

  test('goes by earlier answers of the recipe', async () => {
    await workspace.drop('a.txt');
    await remember(10, 20, 30, 40, 50);
    expect((await planned()).plan).toMatchObject({
      basis: { from: 'ledger', answers: 5 },
      tokens: { completion: { low: 10, likely: 30, high: 50 } },
      seconds: { low: 2, likely: 2, high: 2 },
    });
  });

  test('lists each model, and knows the cost if it knows all prices', async () => {
    for (const id of ['a.txt', 'b.txt', 'large/c.txt']) await workspace.drop(id, `It is ${id}`);
    const recipes = recipesOf({}, { large: { name: 'large.md', model: 'acme/large' } });
    const expensive: Pricing = { price: { prompt: 1e-5, completion: 1e-4, request: 0 }, priceUnknown: null };
    const pricingOfEach = (model: string) => (model === 'acme/large' ? expensive : priced);
    const { plan } = await planned({}, { recipes, pricingOf: pricingOfEach });
    expect(plan.models).toMatchObject([
      { model: 'acme/small', documents: 2, requests: 2, price: priced.price },
      { model: 'acme/large', documents: 1, requests: 1, price: expensive.price },
    ]);
    const [small, large] = plan.models;
    expect(plan.model).toBe('acme/small');
    expect(plan.costUsd?.likely).toBeCloseTo((small?.costUsd?.likely ?? 0) + (large?.costUsd?.likely ?? 0));
    expect(plan.tokens.prompt.likely).toBe((small?.tokens.prompt.likely ?? 0) + (large?.tokens.prompt.likely ?? 0));
    const half = await planned({}, { recipes, pricingOf: (model) => (model === 'acme/large' ? unpriced : priced) });
    expect([half.plan.costUsd, half.plan.models[0]?.costUsd]).toEqual([null, expect.anything()]);
  });

  test('a recipe without earlier answers makes the whole a guess', async () => {
    for (const id of ['a.txt', 'large/c.txt']) await workspace.drop(id, `It is ${id}`);
    await remember(10, 20, 30, 40, 50);
    const recipes = recipesOf({}, { large: { name: 'large.md', model: 'acme/large' } });
    const { plan } = await planned({ 'max-tokens': '1000' }, { recipes });
    expect(plan.basis).toEqual({ from: 'guess', answers: 5 });
    expect(plan.tokens.completion.likely).toBe(30 + 800);
  });

  test('what cannot be sent is refused, and what waits for its recipe is pending', async () => {
    await workspace.drop('a.txt');
    await workspace.drop('b.txt', '');
    await workspace.drop('c.bin', Buffer.alloc(10));
    await workspace.drop('q1/d.txt', 'It is d.');
    const recipes = recipesOf({}, { q1: { name: 'q1.md', hash: '', barred: 'it is empty' } });
    const { plan, asked } = await planned({}, { recipes });
    expect(idsOf(asked)).toEqual(['a.txt']);
    expect(plan).toMatchObject({
      documents: { asked: 1, refused: 2, pending: 1 },
      refusals: { empty: 1, 'not-text': 1 },
      recipes: [{ name: 'q1.md', reason: 'it is empty', documents: 1 }],
    });
  });

  test('a document in parts takes a call for each, and reads their answers if it combines them', async () => {
    await workspace.drop('a.txt', 'It says something. '.repeat(2000));
    const split = { tokens: 2000, overlap: 0, combine: 'Make one of them.' };
    const planOf = async (combine: string | null) => {
      const recipes = recipesOf({ handling: { onTooLong: 'split', split: { ...split, combine } } });
      return (await planned({}, { recipes, models: modelsKnowing({ contextTokens: 100_000 }) })).plan;
    };
    const [joined, combined] = [await planOf(null), await planOf(split.combine)];
    expect(joined.documents.asked).toBe(1);
    expect(joined.requests).toBeGreaterThan(3);
    expect(combined.requests).toBe(joined.requests + 1);
    expect(combined.tokens.prompt.likely).toBeGreaterThan(
      joined.tokens.prompt.likely + joined.tokens.completion.likely,
    );
  });

  test('an inbox with nothing to ask costs nothing', async () => {
    expect((await planned({}, { pricingOf })).plan).toMatchObject({
      documents: { asked: 0 },
      model: 'anthropic/claude-sonnet-4.5',
      tokens: { prompt: { likely: 0 } },
      costUsd: { low: 0, likely: 0, high: 0 },
      seconds: { low: 0, likely: 0, high: 0 },
    });
  });

  test('refuses a workspace that is none', async () => {
    await expect(planned({ root: join(workspace.root, 'none') })).rejects.toBeInstanceOf(UsageError);
  });
});
