import { describe, expect, jest, test } from '@jest/globals';
import { isRecord } from '../../src/lib/json.ts';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Load } from '../../src/simulator/load.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/until.ts';
import type { Workspace } from '../support/workspace.ts';
import { chargedBy, daemonOver, mostInFlight, onceOver, requestsOf, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** An answer of 200 tokens would cost 0.003 USD, and a prompt of these documents next to nothing. */
const SHORT = ['--max-tokens', '200'];
const WORST_USD = 0.003;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const HASTY = ['--retry-delay', '0.1'];

async function setUp(documents: number, plan?: FaultPlan) {
  const workspace = await stage.workspace();
  const simulator = await stage.simulator(plan);
  for (let number = 1; number <= documents; number += 1) await workspace.drop(`${number}.txt`);
  return { workspace, simulator };
}

async function loadOf({ port }: Simulator): Promise<Load> {
  const reply = await fetch(`http://127.0.0.1:${port}/admin/load`);
  return (await reply.json()) as Load;
}

/** From now on calls, or what is charged, are counted anew. */
function countAnew({ port }: Simulator, counted: 'load' | 'billing'): Promise<unknown> {
  return fetch(`http://127.0.0.1:${port}/admin/${counted}`, { method: 'DELETE' });
}

function results(workspace: Workspace, documents: number): number {
  return Array.from({ length: documents }, (_, index) => `${index + 1}.txt`).filter((id) => workspace.hasResult(id))
    .length;
}

describe('calls at once', () => {
  test('are never more than --concurrency, though documents are made ready beforehand, and as many as that', async () => {
    const { workspace, simulator } = await setUp(200, { latency: [0.1, 0.3] });
    const program = await stage.run(onceOver(workspace, simulator, '--concurrency', '20'));
    expect(program.summary).toMatchObject({ succeeded: 200, retries: 0 });
    expect(await mostInFlight(simulator)).toBe(20);
  });

  test.each([429, 503])('stay as many though a few calls are refused by chance: %d', async (status) => {
    const faults = [{ kind: 'status', status, share: 0.05, attempts: [1] }] as const;
    const { workspace, simulator } = await setUp(200, { latency: 0.02, faults });
    const program = await stage.run(onceOver(workspace, simulator, '--concurrency', '5', '--retry-delay', '0.1'));
    expect(program.summary).toMatchObject({ succeeded: 200, failed: 0 });
    expect(program.summary['retries']).toBeGreaterThan(3);
    const events = program.log.map(({ event }) => event);
    for (const event of ['gate-limited', 'gate-cooling', 'gate-paced']) expect(events).not.toContain(event);
  });

  test('with --concurrency auto become nearly as many as the API takes, with few that are refused', async () => {
    const capacity = 12;
    const { workspace, simulator } = await setUp(400, { latency: 0.2, capacity });
    const program = await stage.run(onceOver(workspace, simulator, ...HASTY, '--concurrency', 'auto'));
    const { calls, refused, seconds } = await loadOf(simulator);

    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 400, failed: 0 });
    // Two or three at each trial of more, as a single one may be chance.
    expect(refused / calls).toBeLessThan(0.05);
    const mostBySecond = seconds.map(({ inFlight }) => inFlight).toSorted((one, other) => one - other);
    expect(mostBySecond.at(-1)).toBeGreaterThanOrEqual(capacity);
    expect(mostBySecond.at(-1)).toBeLessThan(2 * capacity);
    // Near the level for most of the time: a machine that is busy with other things looks like an API that is slow.
    expect(mostBySecond.at(Math.floor(mostBySecond.length / 2))).toBeGreaterThanOrEqual(capacity / 2);
  });
});

describe('money that the API holds back for calls in flight', () => {
  test('a refusal for it leads to fewer at once, the refused one waits, and all documents are answered', async () => {
    const spending = { usd: 5 * WORST_USD + 0.001, hint: 0.3 };
    const { workspace, simulator } = await setUp(60, { latency: 0.1, spending });
    const program = await stage.run(
      onceOver(workspace, simulator, ...SHORT, '--concurrency', '20', '--retries', '0', '--log-level', 'debug'),
    );

    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 60, limits: { 'spending-held': expect.any(Number) } });
    // The first wave of 20, and then now and then one that tries whether there is room again.
    expect((await loadOf(simulator)).refused).toBeLessThan(30);
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'gate-limited' }));
    const waits = program.log
      .filter((line) => isRecord(line['attempt']) && line['attempt']['code'] === 'spending-held')
      .map((line) => Number(line['retryInSeconds']));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(spending.hint);
    expect(waits.length).toBeGreaterThan(0);
  });

  test('a request that is too dear alone fails its document alone, without another attempt', async () => {
    const { workspace, simulator } = await setUp(5, { spending: { usd: 5 * WORST_USD } });
    await workspace.drop('dear.txt', 'A long story. '.repeat(4000));
    const program = await stage.run(onceOver(workspace, simulator, ...SHORT, '--concurrency', '2'));

    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ succeeded: 5, failed: 1, attempts: 6, limits: { 'too-dear': 1 } });
    expect(await workspace.report('dear.txt')).toMatchObject({ reason: expect.stringContaining('--max-tokens') });
  });
});

describe('the quota of the day', () => {
  const FREE = ['--model', 'meta-llama/llama-3.3-70b-instruct:free', '--concurrency', '1'];
  const PLAN = { dailyQuota: 3 };

  test('ends a run, and leaves the rest pending', async () => {
    const { workspace, simulator } = await setUp(6, PLAN);
    const program = await stage.run(onceOver(workspace, simulator, ...FREE));
    expect(program.code).toBe(5);
    expect(program.summary).toMatchObject({ succeeded: 3, failed: 0, pending: 3, limits: { 'daily-quota': 1 } });
  });

  test('pauses the daemon until it is reset', async () => {
    const { workspace, simulator } = await setUp(6, PLAN);
    const program = stage.start(daemonOver(workspace, simulator, ...FREE, '--look-again', '60'));
    const paused = await program.logged('gate-paused');
    expect(paused).toMatchObject({ scope: 'account', until: expect.any(Number) });
    const fromMidnight = (Number(paused['until']) + DAY_MS / 2) % DAY_MS;
    expect(Math.abs(fromMidnight - DAY_MS / 2)).toBeLessThan(MINUTE_MS);
    expect(await requestsOf(simulator)).toHaveLength(4);
  });
});

test('an API that fails all gets one call at a time, until answers come back', async () => {
  const { workspace, simulator } = await setUp(60, { latency: 0.03, faults: [{ kind: 'status', status: 500 }] });
  const program = stage.start(
    daemonOver(workspace, simulator, ...HASTY, '--concurrency', '10', '--retries', '20', '--log-level', 'info'),
  );
  await program.logged('gate-probing');
  const probed = async () => (await requestsOf(simulator)).length;
  const before = await probed();
  // Those that were in flight when it was found out have ended by then.
  await until('ten more calls were made', async () => (await probed()) >= before + 10);
  await countAnew(simulator, 'load');
  await until('twenty more calls were made', async () => (await probed()) >= before + 30);
  expect(await mostInFlight(simulator)).toBe(1);

  simulator.setPlan({ latency: 0.03 });
  await program.logged('gate-recovered');
  await until('all are filed', () => results(workspace, 60) === 60);
  expect(await mostInFlight(simulator)).toBeGreaterThan(1);
});

test('--max-cost of the daemon counts calls that a killed run left in flight at their worst', async () => {
  const { workspace, simulator } = await setUp(30, { faults: [{ kind: 'hang' }] });
  const limitUsd = 0.02;
  const flags = daemonOver(workspace, simulator, ...SHORT, '--max-cost', String(limitUsd), '--concurrency', '3');
  const killed = stage.start(flags);
  await until('three calls are in flight', async () => (await mostInFlight(simulator)) === 3);
  killed.kill('SIGKILL');
  await killed.exited;

  await countAnew(simulator, 'billing');
  simulator.setPlan({});
  const next = stage.start(flags);
  await next.logged('gate-paused', ({ scope }) => scope === 'budget');
  next.kill('SIGTERM');
  await next.exited;

  expect(next.stderr).toMatch(/\$0\.0[01]\d+ of today's are spent/);
  const charged = await chargedBy(simulator);
  expect(charged).toBeGreaterThan(0);
  expect(charged).toBeLessThanOrEqual(limitUsd - 3 * WORST_USD);
});
