import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { Fault } from '../../src/simulator/fault-plan.ts';
import type { LoggedRequest } from '../../src/simulator/state.ts';
import { until } from '../support/until.ts';
import type { Workspace } from '../support/workspace.ts';
import { daemonOver, mostInFlight, onceOver, requestsOf, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

async function drop(workspace: Workspace, names: readonly string[]): Promise<void> {
  for (const name of names) await workspace.drop(name, textOf(name));
}

function textOf(name: string): string {
  return `The document ${name}. It has a second sentence.`;
}

/** The names of the documents that were called for, in the order of the calls. */
function namesOf(requests: readonly LoggedRequest[], names: readonly string[]): readonly (string | undefined)[] {
  return requests.map(({ document }) => names.find((name) => hash('sha256', textOf(name)) === document));
}

describe('a server that asks to wait', () => {
  const NAMES = ['a', 'b', 'c'];
  /** When `hint` ends, from the moment of the call that got it. */
  interface Hint {
    readonly fault: Omit<Fault, 'kind'>;
    readonly ends: (at: number) => number;
  }

  const HINTS: readonly [string, Hint][] = [
    ['Retry-After in seconds', { fault: { status: 429, retryAfter: 1 }, ends: (at) => at + 1000 }],
    ['Retry-After in a fraction of a second', { fault: { status: 429, retryAfter: 0.7 }, ends: (at) => at + 700 }],
    ['retry-after-ms', { fault: { status: 429, retryAfterMs: 900 }, ends: (at) => at + 900 }],
    [
      'retry-after-ms, which is finer than Retry-After',
      { fault: { status: 429, retryAfter: 0, retryAfterMs: 800 }, ends: (at) => at + 800 },
    ],
    [
      'retry_after_seconds in the error',
      { fault: { status: 429, metadata: { retry_after_seconds: 1.2 } }, ends: (at) => at + 1200 },
    ],
    ['Retry-After with a 503', { fault: { status: 503, retryAfter: 1 }, ends: (at) => at + 1000 }],
    ['Retry-After with a 402', { fault: { status: 402, retryAfter: 1 }, ends: (at) => at + 1000 }],
  ];

  test.each(HINTS)('%s: no call of any document starts earlier', async (_, { fault, ends }) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({
      faults: [{ kind: 'status', ...fault, document: 'document a', attempts: [1] }],
    });
    await drop(workspace, NAMES);
    const limits = ['--concurrency', '1', '--retries', '0', '--retry-delay', '0'];
    const program = await stage.run(onceOver(workspace, simulator, ...limits, '--limit', '3'));
    const requests = await requestsOf(simulator);
    const hinted = requests.findIndex(({ outcome }) => outcome === 'status');
    const moment = requests[hinted]?.at ?? Number.NaN;

    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 3, attempts: 4, retries: 1 });
    expect(requests).toHaveLength(4);
    for (const { at } of requests.slice(hinted + 1)) expect(at).toBeGreaterThanOrEqual(ends(moment));
    expect(program.log).toContainEqual(expect.objectContaining({ event: 'gate-cooling' }));
  });

  test('Retry-After as an HTTP date: no call starts before that moment', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await drop(workspace, NAMES);
    const program = stage.start(daemonOver(workspace, simulator, '--concurrency', '1', '--retries', '0'));
    await until('the first documents are answered', async () => (await requestsOf(simulator)).length === 3);

    const moment = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
    const fault = { kind: 'status', status: 429, retryAfter: moment.toUTCString(), attempts: [1] } as const;
    simulator.setPlan({ faults: [{ ...fault, document: 'late' }] });
    await workspace.drop('late', 'The late document. It waits.');
    await program.logged('gate-cooling');
    await workspace.drop('later', 'The document after it. It waits too.');
    await until('both are answered', () => workspace.hasResult('late') && workspace.hasResult('later'));

    const requests = (await requestsOf(simulator)).slice(3);
    expect(requests).toHaveLength(3);
    for (const { at } of requests.slice(1)) expect(at).toBeGreaterThanOrEqual(moment.getTime());
  });

  const NONSENSE: readonly [string, Omit<Fault, 'kind'>][] = [
    ['nothing', {}],
    ['a word', { retryAfter: 'soon' }],
    ['an empty text', { retryAfter: '' }],
    ['a negative number', { retryAfter: '-5' }],
    ['a number with a unit', { retryAfter: '120s' }],
    ['a date that is over', { retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' }],
    ['a date in the body that is none', { metadata: { retry_after_seconds: 'tomorrow' } }],
    ['zero', { retryAfter: 0 }],
  ];

  test('but names no time that makes sense: it goes on soon, and the document is not charged with it', async () => {
    const workspace = await stage.workspace();
    const faults = NONSENSE.map(([name, fault]): Fault => {
      return { kind: 'status', status: 429, ...fault, document: `\\[${name}\\]`, attempts: [1] };
    });
    const simulator = await stage.simulator({ faults });
    for (const [name] of NONSENSE) await workspace.drop(name, `The server says [${name}]. We go on.`);
    const limits = ['--retries', '0', '--retry-delay', '0.1', '--concurrency', '10'];
    const program = await stage.run(onceOver(workspace, simulator, ...limits));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: NONSENSE.length, retries: NONSENSE.length });
  });

  const TOO_LONG: readonly [string, Omit<Fault, 'kind'>][] = [
    ['901 seconds', { retryAfter: 901 }],
    ['10^9 seconds', { retryAfter: 1e9 }],
    ['a date next year', { retryAfter: new Date(Date.now() + 365 * 86_400_000).toUTCString() }],
    ['10^9 milliseconds', { retryAfterMs: 1e9 }],
    ['10^15 seconds in the error', { metadata: { retry_after_seconds: 1e15 } }],
  ];

  test.each(TOO_LONG)('for %s: --once ends with the documents pending, and sends nothing more', async (_, fault) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 429, ...fault }] });
    await drop(workspace, NAMES);
    const args = onceOver(workspace, simulator, '--concurrency', '1');
    const program = await stage.run(args);
    expect(program.code).toBe(7);
    expect(program.summary).toMatchObject({ documents: 3, pending: 3, failed: 0, stopped: null });
    expect(await requestsOf(simulator)).toHaveLength(1);
    expect(await readdir(workspace.failed())).toEqual([]);

    // The next run keeps to the wait that was asked of the first document, and asks the others.
    simulator.setPlan({});
    const next = await stage.run(args);
    expect(next.code).toBe(7);
    expect(next.summary).toMatchObject({ documents: 3, succeeded: 2, pending: 1 });
    const retried = await stage.run(['retry', '--root', workspace.root]);
    expect(retried.code).toBe(0);
    expect((await stage.run(args)).summary).toMatchObject({ succeeded: 1, skipped: 2 });
  });
});

describe('a document that waits', () => {
  test.each([
    ['less than a minute', '59'],
    ['minutes', '300'],
  ])('%s holds no permit: the others pass it, and a stop does not wait for it', async (_, delay) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 500, document: 'document slow' }] });
    await drop(workspace, ['slow']);
    const program = stage.start(daemonOver(workspace, simulator, '--concurrency', '1', '--retry-delay', delay));
    await program.logged('attempt-finished', ({ document }) => document === 'slow');
    await drop(workspace, ['a', 'b', 'c']);
    await until('the others are answered', () => ['a', 'b', 'c'].every((name) => workspace.hasResult(name)));
    expect(namesOf(await requestsOf(simulator), ['a', 'b', 'c', 'slow'])).toEqual(['slow', 'a', 'b', 'c']);

    program.kill('SIGTERM');
    expect(await program.exited).toBe(143);
    expect(await readdir(workspace.failed())).toEqual([]);
  });

  test('is waited for by --once', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'status', status: 500, attempts: [1, 2] }] });
    await drop(workspace, ['a', 'b']);
    const program = await stage.run(onceOver(workspace, simulator, '--retries', '2', '--retry-delay', '0.5'));
    const requests = await requestsOf(simulator);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 2, attempts: 6, retries: 4 });
    for (const name of ['a', 'b']) {
      const times = requests.filter(({ document }) => document === hash('sha256', textOf(name))).map(({ at }) => at);
      const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = times;
      // Half of 0.5 s, then half of 1 s, at least; minus what clocks of two processes round off.
      expect(second - first).toBeGreaterThanOrEqual(245);
      expect(third - second).toBeGreaterThanOrEqual(495);
    }
  });
});

describe('calls in flight', () => {
  const NAMES = Array.from({ length: 24 }, (_, index) => `d${index}`);

  test('are never more than --concurrency, retries or not, and as many as that', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({
      latency: [0.05, 0.15],
      faults: [
        { kind: 'status', status: 500, share: 0.3, attempts: [1, 2] },
        { kind: 'reset-after', share: 0.2, attempts: [1] },
      ],
    });
    await drop(workspace, NAMES);
    const limits = ['--concurrency', '4', '--retry-delay', '0.05'];
    const program = await stage.run(onceOver(workspace, simulator, ...limits));
    expect(program.code).toBe(0);
    expect(program.summary['retries']).toBeGreaterThan(0);
    expect(await mostInFlight(simulator)).toBe(4);
  });

  test('may be more than the server takes: nothing fails, and nothing is paid for twice', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ capacity: 2, latency: 0.02 });
    await drop(workspace, NAMES);
    const limits = ['--concurrency', '12', '--retries', '0', '--retry-delay', '0.1'];
    const program = await stage.run(onceOver(workspace, simulator, ...limits));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: NAMES.length, failed: 0 });
    expect(program.summary['retries']).toBeGreaterThan(0);
    expect(simulator.billing().map(({ billed }) => billed)).toEqual(NAMES.map(() => 1));
  });
});
