import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pLimit from 'p-limit';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { BilledDocument } from '../../src/simulator/billing.ts';
import type { FaultKind } from '../../src/simulator/fault-kinds.ts';
import type { Fault } from '../../src/simulator/fault-plan.ts';
import { leastFault } from '../simulator/support.ts';
import type { Workspace } from '../support/workspace.ts';
import { type EndedProgram, onceOver, type Stage, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

/** What a faulty first attempt must come to: an answer after all, another attempt, or a failure. */
type Fate = 'answer' | 'retry' | 'fail';

interface Row {
  /** Also the document's name. */
  readonly name: string;
  readonly fault: Fault;
  readonly fate: Fate;
}

const STATUSES: readonly Row[] = [
  ...[408, 409, 425, 500, 502, 503, 504, 520, 522, 524, 529].map((status) => statusRow(status, 'retry')),
  ...[400, 413, 422].map((status) => statusRow(status, 'fail')),
  { name: 'page 502', fault: { kind: 'status', status: 502, body: 'html' }, fate: 'retry' },
  { name: 'nothing 503', fault: { kind: 'status', status: 503, body: 'empty' }, fate: 'retry' },
  {
    name: 'moderation 403',
    fault: { kind: 'status', status: 403, metadata: { reasons: ['violence'], flagged_input: 'x' } },
    fate: 'fail',
  },
  {
    name: 'weight_exceeds_budget 402',
    fault: { kind: 'status', status: 402, metadata: { reason: 'weight_exceeds_budget' } },
    fate: 'fail',
  },
];

/** `status` has rows of its own, and `redirect` pauses the whole run. */
const KINDS: Readonly<Record<Exclude<FaultKind, 'status' | 'redirect'>, Fate>> = {
  'reset-before': 'retry',
  'reset-after': 'retry',
  hang: 'retry',
  'slow-headers': 'answer',
  drip: 'answer',
  padding: 'answer',
  blank: 'retry',
  'cut-json': 'retry',
  'cut-sse': 'retry',
  comments: 'retry',
  'mid-stream-error': 'retry',
  'error-in-200': 'retry',
  empty: 'retry',
  'no-choices': 'retry',
  length: 'fail',
  'length-empty': 'fail',
  'content-filter': 'fail',
  refusal: 'fail',
  html: 'retry',
  'finish-error': 'retry',
  'gzip-bomb': 'retry',
  'no-usage': 'answer',
  'wrong-model': 'answer',
  'file-error': 'retry',
  'json-fenced': 'answer',
  'json-prose': 'answer',
  'json-invalid': 'answer',
  'json-wrong': 'answer',
  'json-ignored': 'answer',
  'finish-word': 'answer',
  'finish-none': 'answer',
  'think-tags': 'answer',
  'think-end': 'answer',
  'reasoning-content': 'answer',
  'answer-in-reasoning': 'retry',
  'draft-first': 'answer',
  'content-parts': 'answer',
  'message-beside-delta': 'answer',
  'message-alone': 'answer',
  'message-empty': 'answer',
  'choice-index': 'answer',
  'second-choice': 'answer',
  framing: 'answer',
  compressed: 'answer',
  'odd-usage': 'answer',
  'told-cost': 'answer',
  'prompt-cut': 'fail',
  'usage-alone': 'retry',
  'error-event': 'retry',
};

const ROWS: readonly Row[] = [
  ...STATUSES,
  ...Object.entries(KINDS).map(([name, fate]): Row => ({ name, fault: leastFault(name as keyof typeof KINDS), fate })),
];

const NAMES: readonly [string, Row][] = ROWS.map((row) => [row.name, row]);

const BOMB: Row = { name: 'gzip-bomb', fault: leastFault('gzip-bomb'), fate: KINDS['gzip-bomb'] };
/** Three calls that end at their deadline, after all others, would be an outage: `hang` and `comments` are two. */
const TOGETHER = ROWS.filter(({ name }) => name !== BOMB.name);

/** Nothing of the API comes with these: calls of several documents that all end so are an outage (`outages.test.ts`). */
const SILENT = new Set('page 502, nothing 503, html, reset-before, reset-after, hang, blank, comments'.split(', '));
/** A 503 of a gateway does not count towards `--retries`. */
const UNCOUNTED = 'nothing 503';
const SPEAKING = ROWS.filter(({ name }) => !SILENT.has(name));
const SILENT_NAMES = NAMES.filter(([name]) => SILENT.has(name) && name !== UNCOUNTED);

function statusRow(status: number, fate: Fate): Row {
  return { name: `status ${status}`, fault: { kind: 'status', status }, fate };
}

/** What is not told of a short prompt may be a matter of counting. */
function textOf({ name, fault }: Row): string {
  const text = `The document of [${name}]. It has a second sentence. And a third one, so that half of it is something.`;
  return fault.kind === 'prompt-cut' ? `${text}${' It goes on.'.repeat(1_000)}` : text;
}

/** A run over a document of each row. */
interface Run {
  readonly program: EndedProgram;
  readonly workspace: Workspace;
  readonly billing: readonly BilledDocument[];
}

/** The fault happens to the first attempt alone, or to every one. */
async function runOver(
  rows: readonly Row[],
  stage: Stage,
  flag: string,
  attempts: readonly number[] | undefined,
): Promise<Run> {
  const workspace = await stage.workspace();
  const faults = rows.map((row): Fault => ({ ...row.fault, attempts, document: `\\[${row.name}\\]` }));
  const simulator = await stage.simulator({ faults });
  for (const row of rows) await workspace.drop(row.name, textOf(row));
  // Proves the model, so that nothing is taken for a mistake of configuration.
  await workspace.drop('a good one');
  const limits = ['--concurrency', '50', '--retries', '1', '--retry-delay', '0.05', '--timeout', '3'];
  const program = await stage.run(onceOver(workspace, simulator, flag, ...limits));
  return { program, workspace, billing: simulator.billing() };
}

function attemptsOf({ program }: Run, { name }: Row): readonly AttemptRecord[] {
  return program.log
    .filter(({ event, document }) => event === 'attempt-finished' && document === name)
    .map(({ attempt }) => attempt as AttemptRecord);
}

/** What the program says of the money must be what the simulator booked, or be said to be unknown. */
function expectHonestBooks(run: Run, row: Row): void {
  const account = run.billing.find(({ document }) => document === hash('sha256', textOf(row)));
  const attempts = attemptsOf(run, row);
  const known = attempts.filter(({ billing, costUsd }) => billing === 'known' && costUsd !== null);
  const unknown = attempts.filter(({ billing, costUsd }) => billing !== 'none' && costUsd === null);
  const knownCost = sum(known.map(({ costUsd }) => costUsd));
  const billed = account?.billed ?? 0;
  expect(attempts).toHaveLength(account?.requests ?? 0);
  expect(billed).toBeGreaterThanOrEqual(known.length);
  expect(billed).toBeLessThanOrEqual(known.length + unknown.length);
  expect(account?.costUsd).toBeGreaterThanOrEqual(knownCost - 1e-9);
  expect(billed === known.length ? account?.costUsd : knownCost).toBeCloseTo(knownCost, 9);
}

describe.each([
  ['streamed', '--stream'],
  ['in one JSON body', '--no-stream'],
])('a bad reply, %s', (_how, flag) => {
  describe('to the first attempt', () => {
    const stage = setTheStage(afterAll);
    let together: Run;
    let alone: Run;
    beforeAll(async () => {
      together = await runOver(TOGETHER, stage, flag, [1]);
      alone = await runOver([BOMB], stage, flag, [1]);
    });

    test.each(NAMES)('%s: no result but a whole answer', async (_name, row) => {
      const run = row.name === BOMB.name ? alone : together;
      const { workspace } = run;
      const verdicts = attemptsOf(run, row).map(({ verdict }) => verdict);
      expect(verdicts).toEqual({ answer: ['answer'], retry: ['retry', 'answer'], fail: ['fail'] }[row.fate]);
      const whole = expect.stringContaining('And a third one, so that half of it is something.');
      const result = workspace.hasResult(row.name) ? await workspace.result(row.name) : null;
      expect(result).toEqual(row.fate === 'fail' ? null : whole);
      if (row.fate === 'fail') await expectReport(run, row);
      expectHonestBooks(run, row);
    });

    test('the run says what failed and what it cost', () => {
      expect(together.program.code).toBe(3);
      expectHonestSummary(together, TOGETHER);
      expectHonestSummary(alone, [BOMB]);
    });
  });

  describe('to every attempt', () => {
    const stage = setTheStage(afterAll);
    let run: Run;
    beforeAll(async () => {
      run = await runOver(SPEAKING, stage, flag, undefined);
    });

    test.each(NAMES.filter(([name, { fate }]) => fate !== 'answer' && !SILENT.has(name)))(
      '%s: a report with all attempts, and no result',
      async (_name, row) => {
        expect(attemptsOf(run, row)).toHaveLength(row.fate === 'retry' ? 2 : 1);
        expect(run.workspace.hasResult(row.name)).toBe(false);
        await expectReport(run, row);
        expectHonestBooks(run, row);
      },
    );

    test('the run says what failed and what it cost', () => {
      expect(run.program.code).toBe(3);
      expect(run.program.summary).toMatchObject({ failed: SPEAKING.filter(({ fate }) => fate !== 'answer').length });
      expectHonestSummary(run, SPEAKING);
    });
  });

  describe('to every attempt of one document, while the API answers others', () => {
    const stage = setTheStage(afterAll);
    const runs = new Map<Row, Run>();
    const runAlone = async (row: Row) => runs.set(row, await runOver([row], stage, flag, undefined));
    // Each in a run of its own, most of which wait for a deadline.
    beforeAll(async () => {
      const atOnce = pLimit(3);
      await Promise.all(SILENT_NAMES.map(([, row]) => atOnce(runAlone, row)));
    }, 120_000);

    test.each(SILENT_NAMES)('%s: a report with all attempts, and no result', async (_name, row) => {
      const run = runOf(row);
      expect(attemptsOf(run, row)).toHaveLength(2);
      await expectReport(run, row);
      expectHonestBooks(run, row);
      expectHonestSummary(run, [row]);
    });

    function runOf(row: Row): Run {
      const run = runs.get(row);
      if (run === undefined) throw new Error(`there was no run of ${row.name}`);
      return run;
    }
  });
});

async function expectReport(run: Run, row: Row): Promise<void> {
  const report = await run.workspace.report(row.name);
  expect(report).toMatchObject({
    document: { id: row.name },
    code: expect.stringMatching(row.fate === 'retry' ? /^retries-used-up$/ : /^[a-z-]+$/),
    reason: expect.stringMatching(/\w+ \w+/),
  });
  expect(report['attempts']).toEqual(attemptsOf(run, row));
}

function sum(amounts: readonly (number | null)[]): number {
  return amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0);
}

function expectHonestSummary(run: Run, rows: readonly Row[]): void {
  const { program, billing } = run;
  const attempts = program.log
    .filter(({ event }) => event === 'attempt-finished')
    .map(({ attempt }) => attempt as AttemptRecord);
  const { costUsd, ...summary } = program.summary;
  expect(summary).toMatchObject({
    documents: rows.length + 1,
    attempts: sum(billing.map(({ requests }) => requests)),
    inDoubt: attempts.filter(({ billing: said }) => said === 'in doubt').length,
    costUnknownAttempts: attempts.filter((attempt) => attempt.billing !== 'none' && attempt.costUsd === null).length,
    stopped: null,
  });
  expect(costUsd).toBeCloseTo(sum(attempts.map((attempt) => attempt.costUsd)), 9);
  expect(costUsd).toBeLessThanOrEqual(sum(billing.map((account) => account.costUsd)) + 1e-9);
}

describe('a redirect', () => {
  const stage = setTheStage();

  test('is not followed: the document goes nowhere else, and the run stops for its configuration', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'redirect' }] });
    await workspace.drop('a.txt');
    const program = await stage.run(onceOver(workspace, simulator));
    expect(program.code).toBe(2);
    expect(program.summary).toMatchObject({ pending: 1, failed: 0, attempts: 1, costUsd: 0 });
    expect(program.stderr).toMatch(/redirect.*--api/);
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
  });
});

describe('the text of a cut answer', () => {
  const stage = setTheStage();

  test('is kept beside the report, and both go when the document succeeds', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ faults: [{ kind: 'length' }] });
    await workspace.drop('a.txt', 'The first sentence. The second sentence. The third sentence.');
    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(3);
    expect(await readdir(workspace.failed())).toEqual(['a.txt.error.json', 'a.txt.partial.md']);
    expect(await readFile(workspace.failed('a.txt.partial.md'), 'utf8')).toContain('The first sentence');

    simulator.setPlan({});
    expect((await stage.run(onceOver(workspace, simulator))).summary).toMatchObject({ failed: 1, attempts: 0 });
    await workspace.drop('a.txt', 'The first sentence, changed. The second sentence. The third sentence.');
    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(0);
    expect(await readdir(workspace.failed())).toEqual([]);
    expect(await workspace.result('a.txt')).toContain('The third sentence.');
  });
});
