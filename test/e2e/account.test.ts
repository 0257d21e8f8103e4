import { readdir } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { Fault, FaultPlan } from '../../src/simulator/fault-plan.ts';
import { until } from '../support/until.ts';
import type { Workspace } from '../support/workspace.ts';
import { daemonOver, onceOver, requestsOf, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

const DOCUMENTS = 10;
const CONCURRENCY = 2;

async function dropDocuments(workspace: Workspace): Promise<void> {
  for (let number = 1; number <= DOCUMENTS; number += 1) await workspace.drop(`${number}.txt`);
}

function refusing(fault: Omit<Fault, 'kind'>): FaultPlan {
  return { faults: [{ kind: 'status', ...fault }] };
}

interface Refusal {
  readonly plan: FaultPlan;
  readonly flags?: readonly string[];
  readonly code: number;
  readonly stopped: 'account' | 'model';
  /** Calls before it is understood. */
  readonly calls: number;
  readonly words: RegExp;
}

const REFUSALS: readonly [string, Refusal][] = [
  [
    '401: the key is refused',
    { plan: refusing({ status: 401 }), code: 5, stopped: 'account', calls: 1, words: /refused the key/ },
  ],
  [
    '401, and so is the look at the key',
    { plan: { account: 'refused' }, code: 5, stopped: 'account', calls: 1, words: /refused the key/ },
  ],
  [
    '402 without a hint: the credit is used up',
    { plan: { account: 'no-credit' }, code: 5, stopped: 'account', calls: 1, words: /credit/ },
  ],
  [
    '403: the limit of the key is reached',
    {
      plan: refusing({
        status: 403,
        message: 'Key limit exceeded (total limit).',
        metadata: { limit_source: 'openrouter_key_limit' },
      }),
      code: 5,
      stopped: 'account',
      calls: 1,
      words: /limit of the key/,
    },
  ],
  [
    '403: the key may not do this',
    { plan: refusing({ status: 403 }), code: 5, stopped: 'account', calls: 1, words: /key may not/ },
  ],
  [
    '429: the free requests of the day are used up',
    {
      plan: refusing({ status: 429, message: 'Rate limit exceeded: free-models-per-day. Add 10 credits.' }),
      code: 5,
      stopped: 'account',
      calls: 1,
      words: /requests of the day are used up/,
    },
  ],
  [
    '404: the model does not exist',
    {
      plan: {},
      flags: ['--model', 'nobody/typo-9'],
      code: 2,
      stopped: 'model',
      calls: 1,
      words: /no such model.*--model/,
    },
  ],
  [
    'five times 400: a parameter is wrong, not a document',
    { plan: refusing({ status: 400 }), code: 2, stopped: 'model', calls: 5, words: /does not accept the request/ },
  ],
  [
    'five times 422: the same',
    { plan: refusing({ status: 422 }), code: 2, stopped: 'model', calls: 5, words: /cannot work on it/ },
  ],
];

describe('an API that refuses not a document but everything', () => {
  test.each(REFUSALS)('%s: the run ends, no document fails, and the next run answers all', async (_, refusal) => {
    const { plan, flags = [], code, stopped, calls, words } = refusal;
    const workspace = await stage.workspace();
    const simulator = await stage.simulator(plan);
    await dropDocuments(workspace);
    const args = onceOver(workspace, simulator, '--concurrency', String(CONCURRENCY));

    const program = await stage.run([...args, ...flags]);
    const requests = await requestsOf(simulator);

    expect(program.code).toBe(code);
    // A refusal may come before the whole inbox is listed.
    const { documents } = program.summary;
    expect(documents).toBeGreaterThanOrEqual(calls);
    expect(program.summary).toMatchObject({ pending: documents, failed: 0, costUsd: 0, stopped });
    expect(program.stderr).toMatch(words);
    expect(requests.length).toBeGreaterThanOrEqual(calls);
    // What was in flight when the reply came cannot be called back.
    expect(requests.length).toBeLessThanOrEqual(calls + CONCURRENCY - 1);
    expect(await readdir(workspace.failed())).toEqual([]);
    expect(await readdir(workspace.outbox())).toEqual([]);

    simulator.setPlan({});
    const next = await stage.run(args);
    expect(next.code).toBe(0);
    expect(next.summary).toMatchObject({ succeeded: DOCUMENTS });
    expect(simulator.billing().map(({ billed }) => billed)).toEqual(Array.from({ length: DOCUMENTS }, () => 1));
  });

  test('402 with a hint is too many at once: it waits, and fails nothing', async () => {
    const workspace = await stage.workspace();
    const fault = { kind: 'status', status: 402, retryAfter: 1, attempts: [1] } as const;
    const simulator = await stage.simulator({ faults: [fault] });
    await dropDocuments(workspace);
    const program = await stage.run(onceOver(workspace, simulator, '--retries', '0', '--concurrency', '10'));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: DOCUMENTS, failed: 0, retries: DOCUMENTS });
  });

  test('fewer than five equal refusals are the documents’ own, once the model has answered', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 400, document: 'bad' }] });
    await workspace.drop('a good one.txt');
    for (const number of [1, 2, 3, 4, 5, 6, 7]) await workspace.drop(`bad ${number}.txt`);
    const program = await stage.run(onceOver(workspace, simulator, '--concurrency', '1', '--limit', '100'));
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ succeeded: 1, failed: 7, stopped: null });
  });
});

describe('a daemon whose account or model is refused', () => {
  const PLANS: readonly [string, FaultPlan, FaultPlan][] = [
    ['key', { account: 'refused' }, {}],
    ['credit', { account: 'no-credit' }, {}],
    ['key, by the calls alone', refusing({ status: 401 }), {}],
    ['model', refusing({ status: 404, message: 'No endpoints found.' }), {}],
    ['parameter', refusing({ status: 400 }), {}],
  ];

  test.each(PLANS)('calls no more, and goes on by itself when the %s is accepted again', async (_, bad, good) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator(bad);
    await dropDocuments(workspace);
    const program = stage.start(daemonOver(workspace, simulator, '--concurrency', '1'));
    await program.logged('gate-paused');
    const calls = (await requestsOf(simulator)).length;

    await workspace.drop('late.txt');
    await program.logged('document-queued', ({ document }) => document === 'late.txt');
    // Where the look at the key or the model says that all is well, it tries, and is refused again.
    const most = bad.account === undefined ? Number.POSITIVE_INFINITY : calls;
    expect((await requestsOf(simulator)).length).toBeLessThanOrEqual(most);

    simulator.setPlan(good);
    await until('all are answered', () => simulator.billing().filter(({ answered }) => answered === 1).length === 11);
    await until('all are filed', async () => (await readdir(workspace.outbox())).length === DOCUMENTS + 1);
    expect(await readdir(workspace.failed())).toEqual([]);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(143);
  });
});
