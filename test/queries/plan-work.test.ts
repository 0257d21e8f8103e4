import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { resolveOptions } from '../../src/options/resolve-options.ts';
import { type PlanSources, type Pricing, planWork } from '../../src/queries/plan-work.ts';
import { attemptOf, FilledLedger, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';
import { idsOf, recipesOf } from './support.ts';

const pricing: Pricing = { price: { prompt: 1e-6, completion: 1e-5, request: 0.01 }, priceUnknown: null };
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
    return planWork(options, { recipes: recipesOf(), pricing: unpriced, now: new Date(), pilot: null, ...sources });
  };
  const remember = async (...lengths: readonly number[]) => {
    const filled = await FilledLedger.open(workspace.root);
    for (const [index, completionTokens] of lengths.entries())
      await filled.answer(versionOf(`old-${index}`), 'Yes.', [attemptOf(1, { completionTokens, seconds: 2 })]);
    await filled.close();
  };

  test('tells documents, tokens, cost and time of a workspace in which nothing happened yet', async () => {
    await workspace.drop('a.txt', 'hello world');
    await workspace.drop('b.txt', 'hello world');
    await workspace.drop('c.txt', 'hello');
    const { plan, asked } = await planned({ 'max-tokens': '1000' }, { pricing });
    expect(idsOf(asked)).toHaveLength(2);
    expect(plan).toMatchObject({
      documents: { asked: 2, reused: 1, skipped: 0, failed: 0, held: 0, refused: 0, pending: 0 },
      bytes: 16,
      api: 'https://api.test/v1',
      tokens: {
        // 2 and 1 for the words, 7 around each.
        prompt: { low: 17, likely: 17, high: 22 },
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
    const { plan } = await planned({ 'max-cost': usd }, { pricing });
    expect(plan.costUsd?.likely).toBeCloseTo(0.036);
    expect(plan.budget).toEqual({ maxCostUsd: Number(usd), documents });
  });

  test('nobody knows how far a budget goes where the cost is unknown', async () => {
    await workspace.drop('a.txt');
    expect((await planned({ 'max-cost': '1' })).plan.budget).toEqual({ maxCostUsd: 1, documents: null });
  });

  test('a budget goes as far as a pilot tells', async () => {
    await workspace.drop('a.txt');
    await workspace.drop('b.txt');
    await remember(10);
    const pilot = { documents: [versionOf('old-0').document], startedAt: '2026-01-01', stopped: false };
    const { plan } = await planned({ 'max-cost': '0.3' }, { pricing, pilot });
    // Its answer came to 0.25.
    expect([plan.pilot?.estimate?.costUsd?.likely, plan.budget?.documents]).toEqual([0.5, 1]);
    expect(plan.costUsd?.likely).toBeLessThan(0.3);
    const unanswered = { ...pilot, documents: [versionOf('a.txt').document] };
    const nothing = await planned({ 'max-cost': '0.3' }, { pricing, pilot: unanswered });
    expect([nothing.plan.pilot?.estimate, nothing.plan.budget?.documents]).toEqual([null, null]);
  });

  test.each([
    ['found by itself', { concurrency: 'auto' }],
    ['limited by calls', { rpm: '60' }],
    ['limited by tokens', { tpm: '1000' }],
  ])('of a pace that is %s a pilot tells nothing', async (_, flags: Readonly<Record<string, string>>) => {
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

  test('an inbox with nothing to ask costs nothing', async () => {
    expect((await planned({}, { pricing })).plan).toMatchObject({
      documents: { asked: 0 },
      tokens: { prompt: { likely: 0 } },
      costUsd: { low: 0, likely: 0, high: 0 },
      seconds: { low: 0, likely: 0, high: 0 },
    });
  });

  test('refuses a workspace that is none', async () => {
    await expect(planned({ root: join(workspace.root, 'none') })).rejects.toBeInstanceOf(UsageError);
  });
});
