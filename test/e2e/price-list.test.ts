import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Receipt } from '../../src/domain/receipt.ts';
import { sendJson, serve } from '../llm/support.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

const TOKENS = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };

/** By the list: 1,000 tokens at 2 dollars a million, and 100 at 10. */
const CALL_USD = 0.003;

/** An API that tells no prices, with a workspace of some documents and a list of prices for it. */
async function setUp({ documents = 1, usage = {}, headers = {} }: Scene = {}) {
  const workspace = await stage.workspace();
  let calls = 0;
  const api = await serve(({ method }, response) => {
    if (method === 'GET') {
      sendJson(response, 200, { data: [{ id: 'small', object: 'model' }] });
      return;
    }
    calls += 1;
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `Answer ${calls}.` } }];
    sendJson(response, 200, { id: 'x', model: 'small-2026', choices, usage: { ...TOKENS, ...usage } }, headers);
  });
  stage.afterwards(() => api.close());
  for (let number = 1; number <= documents; number += 1) await workspace.drop(`${number}.txt`);
  const list = join(workspace.root, 'prices.json');
  const prices = { input_mtok: { base: 2, tiers: [{ start: 200_000, price: 4 }] }, output_mtok: 10 };
  const match = { or: [{ equals: 'small' }, { equals: 'small-2026' }] };
  const models = [{ id: 'small', match, prices }];
  await writeFile(list, JSON.stringify([{ id: 'mine', name: 'Mine', api_pattern: api.url, models }]));
  const once = (...flags: readonly string[]) =>
    stage.run(onceOver(workspace, { url: `${api.url}/v1` }, '--model', 'small', '--receipts', ...flags));
  const receipt = async (id: string) =>
    JSON.parse(await readFile(workspace.outbox(`${id}.md.receipt.json`), 'utf8')) as Receipt;
  return { workspace, list, once, receipt, calls: () => calls };
}

interface Scene {
  readonly documents?: number;
  readonly usage?: object;
  readonly headers?: Record<string, string>;
}

/** The list is as old as its file. */
const TODAY = `list ${new Date().toISOString().slice(0, 10)}`;

describe('--price-list', () => {
  test('lets --max-cost bound what an API bills that tells neither prices nor costs', async () => {
    const { list, once, calls } = await setUp({ documents: 20 });
    // At most, a call costs 4 dollars a million for each byte of its prompt, and 0.01 for 1,000 tokens of its answer.
    const program = await once('--price-list', list, '--max-cost', '0.03', '--max-tokens', '1000');
    expect(program.code).toBe(4);
    expect(program.stderr).toContain('prices.json (small: $2.00 and $10.00, at most $4.00 and $10.00). Your bill may');
    expect(program.stderr).toContain('A budget of $0.0300 allows 3 calls at once');
    expect(calls() * CALL_USD).toBeLessThanOrEqual(0.03);
    expect(calls()).toBeGreaterThanOrEqual(6);
    expect(program.summary).toMatchObject({
      attempts: calls(),
      costUsd: expect.closeTo(calls() * CALL_USD, 9),
      costUnknownAttempts: 0,
      costFrom: { [TODAY]: calls() },
      stopped: 'budget',
    });
  });

  test('marks costs by it, in receipts, by show, and in the summary for people', async () => {
    const { workspace, list, once, receipt } = await setUp();
    await once('--price-list', list);
    expect(await receipt('1.txt')).toMatchObject({ costUsd: expect.closeTo(CALL_USD, 9), costFrom: TODAY });
    const shown = await stage.run(['show', '1.txt', '--root', workspace.root]);
    expect(shown.stdout).toContain(`Cost: $0.0030 (by ${TODAY}).`);
    const flags = [
      '--once',
      '--no-recipe',
      '--root',
      workspace.root,
      '--settle',
      '0',
      '--redo',
      'all',
      '--model',
      'small',
    ];
    const api = (await receipt('1.txt')).api;
    const again = await stage.run([...flags, '--api', api, '--price-list', list]);
    expect(again.stdout).toContain(`Priced: 1 call by the ${TODAY.replace('list', 'list of')}; your bill may differ.`);
  });

  test('is asked for where nobody tells the price of an address on this machine: a gateway there may bill', async () => {
    const { once, receipt, calls } = await setUp();
    const refused = await once('--max-cost', '1');
    expect([refused.code, calls()]).toEqual([2, 0]);
    expect(refused.stderr).toMatch(
      /the price of small, which http:\S+ does not tell: give --price-prompt .* --price-list/,
    );
    expect((await once()).summary).toMatchObject({ costUsd: 0, costUnknownAttempts: 1, costFrom: { unknown: 1 } });
    expect(await receipt('1.txt')).toMatchObject({ costUsd: null, costFrom: 'unknown' });
  });

  test('gives way to flags', async () => {
    const { list, once, receipt } = await setUp();
    await once('--price-list', list, '--price-prompt', '1', '--price-completion', '1');
    expect(await receipt('1.txt')).toMatchObject({ costUsd: expect.closeTo(0.0011, 9), costFrom: 'flags' });
  });

  test('is refused before anything is sent where it is no list', async () => {
    const { workspace, once, calls } = await setUp();
    await writeFile(join(workspace.root, 'other.json'), '{"a": 1}');
    const program = await once('--price-list', join(workspace.root, 'other.json'));
    expect([program.code, calls()]).toEqual([2, 0]);
    expect(program.stderr).toContain('other.json is no list of prices: it takes a JSON file of the form of');
  });
});

describe('a cost that the API tells', () => {
  test.each<readonly [string, Scene, number]>([
    ['in ticks, as xAI does', { usage: { cost_in_usd_ticks: 37_756_000 } }, 0.0037756],
    ['in parts with a total, as Perplexity does', { usage: { cost: { total_cost: 0.006 } } }, 0.006],
    ['as an estimate, as DeepInfra does', { usage: { estimated_cost: 0.004 } }, 0.004],
    ['in a header, as LiteLLM does', { headers: { 'x-litellm-response-cost': '0.005' } }, 0.005],
    [
      'beside the tokens, as LiteLLM does in streams',
      { usage: { cost: 0.007 }, headers: { 'x-litellm-call-id': 'c' } },
      0.007,
    ],
  ])('goes before the list: %s', async (_, scene, usd) => {
    const { list, once, receipt } = await setUp(scene);
    expect((await once('--price-list', list)).summary).toMatchObject({ costFrom: { told: 1 } });
    expect(await receipt('1.txt')).toMatchObject({ costUsd: expect.closeTo(usd, 9), costFrom: 'told' });
  });

  test('in a currency that nobody knows does not count as dollars', async () => {
    const { list, once } = await setUp({ usage: { cost: 3 } });
    expect((await once('--price-list', list)).summary).toMatchObject({ costFrom: { [TODAY]: 1 } });
  });
});
