import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { until } from '../support/until.ts';
import type { Workspace } from '../support/workspace.ts';
import { chargedBy, daemonOver, mostInFlight, onceOver, requestsOf, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

const DOCUMENTS = 60;

/** An answer of the simulator costs about 0.0008 USD; with 200 tokens it would be 0.003 USD, and its prompt. */
const SHORT = ['--max-tokens', '200'];
const LIMIT_USD = 0.02;
const LIMITED = [...SHORT, '--max-cost', String(LIMIT_USD)];

async function setUp(plan?: FaultPlan) {
  const workspace = await stage.workspace();
  const simulator = await stage.simulator(plan);
  for (let number = 1; number <= DOCUMENTS; number += 1) await workspace.drop(`${number}.txt`);
  return { workspace, simulator };
}

function results(workspace: Workspace): number {
  return Array.from({ length: DOCUMENTS }, (_, index) => `${index + 1}.txt`).filter((id) => workspace.hasResult(id))
    .length;
}

describe('--max-cost with --once', () => {
  test.each<readonly [string, FaultPlan]>([
    ['of a good API', { latency: [0, 0.05] }],
    ['of an API that breaks off answers that it charges for', { faults: [{ kind: 'cut-sse', share: 0.3 }] }],
  ])('ends the run below the limit, and not far from it: %s', async (_, plan) => {
    const { workspace, simulator } = await setUp(plan);
    const program = await stage.run(
      onceOver(workspace, simulator, ...LIMITED, '--retry-delay', '0.1', '--concurrency', '20'),
    );
    const charged = await chargedBy(simulator);

    expect(program.code).toBe(4);
    expect(charged).toBeLessThanOrEqual(LIMIT_USD);
    // What is in doubt counts as its worst, so less is charged then.
    expect(charged).toBeGreaterThan(LIMIT_USD / 4);
    const succeeded = results(workspace);
    expect(succeeded).toBeGreaterThan(0);
    expect(program.summary).toMatchObject({ documents: DOCUMENTS, succeeded, stopped: 'budget', budgetUsd: LIMIT_USD });
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'gate-paused', scope: 'budget' }));
  });

  test('uses it up where every cost is told: what is left would not pay for one call', async () => {
    const { workspace, simulator } = await setUp();
    const program = await stage.run(onceOver(workspace, simulator, ...LIMITED));
    expect(program.code).toBe(4);
    expect(await chargedBy(simulator)).toBeGreaterThan(LIMIT_USD - 0.004);
  });

  test('has no more calls in flight than it can pay for at their worst', async () => {
    const { workspace, simulator } = await setUp({ latency: 0.1 });
    const program = await stage.run(onceOver(workspace, simulator, ...LIMITED, '--concurrency', '50'));
    expect(program.stderr).toContain('A budget of $0.0200 allows 6 calls at once');
    expect(await mostInFlight(simulator)).toBeLessThanOrEqual(6);
    expect(await mostInFlight(simulator)).toBeGreaterThan(1);
  });

  test('is a limit of each run by itself, and one that is not reached stops nothing', async () => {
    const { workspace, simulator } = await setUp();
    expect((await stage.run(onceOver(workspace, simulator, ...LIMITED))).code).toBe(4);
    const done = results(workspace);
    const second = await stage.run(onceOver(workspace, simulator, ...SHORT, '--max-cost', '1'));
    expect(second.code).toBe(0);
    expect(second.summary).toMatchObject({ succeeded: DOCUMENTS - done, skipped: done, stopped: null });
  });
});

describe('--max-cost is refused before anything is sent', () => {
  test.each([
    [
      'where not one call fits',
      ['--max-cost', '0.5'],
      /not even one call: it may cost \$0\.9600 .* Lower --max-tokens/,
    ],
    [
      'where the price is not known',
      ['--max-cost', '5', '--model', 'nobody/typo-9'],
      /--price-prompt and --price-comp/,
    ],
  ])('%s', async (_, flags, words) => {
    const { workspace, simulator } = await setUp();
    const program = await stage.run(onceOver(workspace, simulator, ...flags));
    expect([program.code, await requestsOf(simulator)]).toEqual([2, []]);
    expect(program.stderr).toMatch(words);
  });

  test('where the API cannot be asked for its prices, unless they are given', async () => {
    const { workspace } = await setUp();
    const nobody = { url: 'http://127.0.0.1:1/api/v1' };
    const program = await stage.run(onceOver(workspace, nobody, '--max-cost', '5'));
    expect(program.code).toBe(2);
    expect(program.stderr).toContain('http://127.0.0.1:1/api/v1 gave no list of models');
  });

  test('but not where prices are given: they are counted with', async () => {
    const { workspace, simulator } = await setUp();
    const given = ['--price-prompt', '3', '--price-completion', '15'];
    const program = await stage.run(onceOver(workspace, simulator, ...LIMITED, ...given));
    expect(program.code).toBe(4);
    expect(await chargedBy(simulator)).toBeLessThanOrEqual(LIMIT_USD);
  });
});

describe('--max-cost of the daemon', () => {
  test('pauses it until the day ends, also over a restart, and does not look before', async () => {
    const { workspace, simulator } = await setUp();
    const flags = daemonOver(workspace, simulator, ...LIMITED);
    const first = stage.start(flags);
    const paused = await first.logged('gate-paused');
    first.kill('SIGTERM');
    expect(await first.exited).toBe(143);
    const charged = await chargedBy(simulator);

    const second = stage.start(flags);
    await second.logged('gate-paused');
    await second.logged('scan-finished');
    second.kill('SIGTERM');
    expect(await second.exited).toBe(143);

    expect(paused).toMatchObject({ scope: 'budget', until: expect.any(Number) });
    expect(Number(paused['until']) % 86_400_000).toBe(0);
    expect(charged).toBeLessThanOrEqual(LIMIT_USD);
    expect(await chargedBy(simulator)).toBe(charged);
  });

  test('keeps what was spent where the configuration changes', async () => {
    const { workspace, simulator } = await setUp();
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITED));
    const pauses = () => program.log.filter(({ event }) => event === 'gate-paused').length;
    await program.logged('gate-paused');
    await until('its calls have ended', async () => results(workspace) === (await requestsOf(simulator)).length);
    const charged = await chargedBy(simulator);
    await writeFile(join(workspace.root, 'sluice.config.yaml'), 'retries: 7\n');
    program.kill('SIGHUP');
    await until('it is paused again', () => pauses() === 2);
    program.kill('SIGTERM');
    await program.exited;

    expect(program.stderr).toMatch(/\$0\.0\d+ of today's are spent/);
    expect(await chargedBy(simulator)).toBe(charged);
  });
});
