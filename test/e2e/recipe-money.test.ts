import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { prompt, put, receiptOf } from './recipe-files.ts';
import { filesIn, type Scene, scenes } from './scene.ts';
import { chargedBy, mostInFlight } from './stage.ts';

jest.setTimeout(60_000);

const scene = scenes();

/** Long enough for all that may start to be in flight at once. */
const SLOW = { latency: 0.2 };

async function setUp(recipe: string, documents: number, plan: FaultPlan = {}): Promise<Scene> {
  const set = await scene(plan);
  await put(set.workspace, 'inbox/few/_recipe.prompt', recipe);
  for (let number = 1; number <= documents; number += 1) await set.workspace.drop(`few/${number}.txt`);
  return set;
}

describe('calls at once', () => {
  const ALONE = prompt('model: openai/gpt-5-mini\nsluice:\n  concurrency: 2');

  test('with a recipe are as many as it says, at most', async () => {
    const set = await setUp(ALONE, 12, SLOW);
    const program = await set.once(['--concurrency', '10']);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 12, attempts: 12 });
    expect(await mostInFlight(set.simulator)).toBe(2);
  });

  test('leave the others all that is left', async () => {
    const set = await setUp(ALONE, 6, SLOW);
    for (let number = 1; number <= 24; number += 1) await set.workspace.drop(`many/${number}.txt`);
    expect((await set.once(['--concurrency', '10'])).summary).toMatchObject({ succeeded: 30, failed: 0 });
    expect(await mostInFlight(set.simulator)).toBeGreaterThan(2);
  });
});

describe('what may be spent with a recipe', () => {
  /** A call comes to about 0.0003 USD with this model, and to 0.0011 USD at worst. */
  const LIMIT_USD = 0.003;
  const LIMITED = prompt(
    `model: anthropic/claude-haiku-4.5\nconfig:\n  max_tokens: 200\nsluice:\n  max_cost: ${LIMIT_USD}`,
  );

  test('is never exceeded; its other documents stay pending, and those of other recipes go on', async () => {
    const set = await setUp(LIMITED, 40, { answerTokens: 100 });
    for (let number = 1; number <= 10; number += 1) await set.workspace.drop(`many/${number}.txt`);
    const program = await set.once(['--concurrency', '10']);
    expect(program.code).toBe(4);
    const results = await filesIn(set.workspace.outbox());
    expect(results.filter((name) => name.startsWith('many/'))).toHaveLength(10);
    const few = results.filter((name) => name.startsWith('few/')).length;
    expect(few).toBeGreaterThan(2);
    expect(few).toBeLessThan(40);
    expect(program.summary).toMatchObject({ documents: 50, succeeded: few + 10, pending: 40 - few, failed: 0 });

    const requests = await set.requests();
    const limited = new Set(requests.filter(({ model }) => model.includes('haiku')).map(({ document }) => document));
    const charged = set.simulator
      .billing()
      .filter(({ document }) => limited.has(document))
      .reduce((sum, { costUsd }) => sum + costUsd, 0);
    expect(charged).toBeGreaterThan(LIMIT_USD / 2);
    expect(charged).toBeLessThanOrEqual(LIMIT_USD);
  });

  test('of less than one call has its documents fail unsent', async () => {
    const set = await setUp(LIMITED.replace(String(LIMIT_USD), '0.0001'), 2);
    const program = await set.once();
    expect(program.code).toBe(3);
    expect(set.simulator.billing()).toEqual([]);
    expect(await set.workspace.report('few/1.txt')).toMatchObject({
      code: 'over-budget',
      reason: expect.stringContaining('max_cost'),
    });
  });

  test('of a daemon is by the day: a new start spends nothing more', async () => {
    const set = await setUp(LIMITED, 40, { answerTokens: 100 });
    const spend = async (): Promise<number> => {
      const daemon = await set.watch();
      await until('every document is answered or waits', () => settledIn(daemon) === 40);
      daemon.kill('SIGTERM');
      expect(await daemon.exited).toBe(143);
      return chargedBy(set.simulator);
    };
    const spent = await spend();
    expect(spent).toBeGreaterThan(LIMIT_USD / 2);
    expect(spent).toBeLessThanOrEqual(LIMIT_USD);
    expect(await spend()).toBe(spent);
  });

  const SETTLED = new Set(['document-pending', 'document-skipped', 'document-succeeded']);

  function settledIn({ log }: Program): number {
    return new Set(log.filter(({ event }) => SETTLED.has(String(event))).map(({ document }) => document)).size;
  }
});

describe('APIs that documents may go to', () => {
  test('are those that their recipe names: to another one nothing is sent', async () => {
    const set = await setUp(prompt('sluice:\n  api: [ollama, localhost:1]'), 3);
    await set.workspace.drop('many/a.txt');
    const program = await set.once();
    expect(program.code).toBe(2);
    expect(program.summary).toMatchObject({ succeeded: 1, pending: 3 });
    expect((await program.logged('recipe-barred'))['reason']).toContain('documents go to ollama, localhost:1 only');
    expect(set.simulator.billing()).toHaveLength(1);
    expect(await filesIn(set.workspace.outbox())).toEqual(['many/a.txt.md']);
  });

  test.each(['127.0.0.1', 'host with port', 'base URL'])('may be named by %s', async (way) => {
    const set = await setUp(prompt(''), 1);
    const { url, port } = set.simulator;
    const names: Readonly<Record<string, string>> = { 'host with port': `127.0.0.1:${port}`, 'base URL': url };
    await put(set.workspace, 'inbox/few/_recipe.prompt', prompt(`sluice:\n  api: "${names[way] ?? way}"`));
    expect((await set.once()).summary).toMatchObject({ succeeded: 1 });
  });
});

describe('prompts that begin alike', () => {
  const RULES = Array.from({ length: 150 }, (_, index) => `Rule ${index + 1}: name the thing that comes ${index}th.`);
  const asking = (model: string) =>
    prompt(`model: ${model}`, `{{role "system"}}\n${RULES.join('\n')}\n{{role "user"}}\n{{document}}`);
  const DOCUMENTS = 20;

  test.each(['anthropic/claude-sonnet-4.5', 'openai/gpt-5-mini'])(
    'are kept by the provider of %s: the first call ends before the others start, and they cost less',
    async (model) => {
      const set = await setUp(asking(model), DOCUMENTS, SLOW);
      const program = await set.once(['--concurrency', '10', '--receipts']);
      expect(program.code).toBe(0);
      const [first, ...others] = (await set.requests()).map(({ at }) => at).toSorted((one, other) => one - other);
      expect(others).toHaveLength(DOCUMENTS - 1);
      expect(Math.min(...others) - (first ?? 0)).toBeGreaterThan(SLOW.latency * 900);
      expect(await mostInFlight(set.simulator)).toBeGreaterThan(1);

      const receipts = await Promise.all(
        (await filesIn(set.workspace.outbox()))
          .filter((name) => name.endsWith('.md'))
          .map((name) => receiptOf(set.workspace, name)),
      );
      expect(receipts).toHaveLength(DOCUMENTS);
      const cached = receipts.map(({ cachedTokens }) => cachedTokens ?? 0).toSorted((one, other) => one - other);
      expect(cached[0]).toBe(0);
      expect(cached[1]).toBeGreaterThan(1024);
      const all = cached.reduce((sum, tokens) => sum + tokens, 0);
      expect(program.summary).toMatchObject({ succeeded: DOCUMENTS, cachedTokens: all });

      const charged = await chargedBy(set.simulator);
      expect(program.summary['costUsd']).toBeCloseTo(charged, 9);
      const apart = await chargedApart(model);
      expect(charged).toBeLessThan(apart * 0.6);
    },
  );

  /** The same documents, each asked with the rules in another order: nothing can be kept. */
  async function chargedApart(model: string): Promise<number> {
    const set = await scene();
    for (let number = 1; number <= DOCUMENTS; number += 1) {
      const { workspace } = set;
      const own = asking(model).replace('Rule 1:', `Rule 1 of ${number}:`);
      await put(workspace, `inbox/${number}/_recipe.prompt`, own.replace(RULES[0] ?? '', `${number}`));
      await workspace.drop(`${number}/a.txt`, `This is few/${number}.txt. It says something.`);
    }
    const program = await set.once(['--concurrency', '10']);
    expect(program.summary).toMatchObject({ succeeded: DOCUMENTS, cachedTokens: 0 });
    return chargedBy(set.simulator);
  }

  test('but not long enough to be kept do not wait for each other', async () => {
    const set = await setUp(prompt('', `{{role "system"}}\n${RULES[0]}\n{{role "user"}}\n{{document}}`), 10, SLOW);
    expect((await set.once(['--concurrency', '10'])).summary).toMatchObject({ succeeded: 10, cachedTokens: 0 });
    expect(await mostInFlight(set.simulator)).toBeGreaterThan(1);
  });
});
