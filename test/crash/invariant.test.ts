import { appendFile, cp, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Workspace } from '../support/workspace.ts';
import type { Aftermath, Run } from './aftermath.ts';
import type { TrialDocument } from './documents.ts';
import { brokenInvariants } from './invariant.ts';
import type { LedgerAttempt } from './read-ledger.ts';
import { disturb } from './run-trial.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { planTrialAt, type Trial } from './trial.ts';

jest.setTimeout(60_000);

/** No kill: all is well, until a test does harm. */
const TRIAL: Trial = {
  ...planTrialAt(1, []),
  settings: { stream: true, concurrency: 5, receipts: 'none', after: 'keep', inDoubt: 'resend' },
};

/** Done to the files, or to what is known of them: what it returns takes the place of that. */
type Harm = (aftermath: Aftermath, document: TrialDocument) => Promise<unknown> | Partial<Aftermath>;

const FILE_HARMS: readonly (readonly [what: string, harm: Harm])[] = [
  ['a result is gone', ({ root }, { id }) => rm(join(root, 'outbox', `${id}.md`))],
  ['a result is cut', ({ root }, { id }) => truncate(join(root, 'outbox', `${id}.md`), 10)],
  ['an input changed', ({ root }, { id }) => appendFile(join(root, 'inbox', id), 'x')],
  ['an input lies in two places', ({ root }, { id, text }) => putFile(join(root, 'archive', id), text)],
  ['an input has another name', ({ root }, { id }) => rename(join(root, 'inbox', id), join(root, 'inbox', 'x.txt'))],
  ['a temp file is left', ({ root }) => putFile(join(root, 'outbox', '.sluice-1.tmp'), '')],
  ['a reader saw a part of a file', ({ root }) => ({ reading: { reads: 1, broken: { [join(root, 'x.md')]: '# x' } } })],
];

const MONEY_HARMS: readonly (readonly [what: string, harm: Harm])[] = [
  [
    'a text was billed once more',
    ({ billing }) => ({ billing: billing.map((one) => ({ ...one, billed: one.billed + 1 })) }),
  ],
  ['a bill is not in the ledger', ({ ledger }) => ({ ledger: { ...ledger, attempts: [] } })],
  ['texts were answered twice', ({ ledger }) => ({ ledger: { ...ledger, attempts: twice(ledger.attempts) } })],
];

const OTHER_HARMS: readonly (readonly [what: string, harm: Harm])[] = [
  [
    'a call is not in the ledger',
    ({ billing }) => ({ billing: billing.map((one) => ({ ...one, requests: one.requests + 1 })) }),
  ],
  ['attempts have no end', ({ ledger }) => ({ ledger: { ...ledger, attempts: ledger.attempts.map(endless) } })],
  ['the ledger is damaged', ({ ledger }) => ({ ledger: { ...ledger, complaints: ['a row is missing'] } })],
  ['the exit code is another', ({ runs }) => ({ runs: runs.map((run) => ({ ...run, code: 0 })) })],
  ['a run hung', ({ runs }) => ({ runs: [{ ...KILLED, mayDie: false }, ...runs] })],
  ['a call in flight is not told of', ({ runs }) => ({ runs: [{ ...KILLED, inFlight: ['a.txt 1'] }, ...runs] })],
];

const KILLED: Run = { code: null, summary: null, inFlight: [], mayDie: true, complaint: '' };

describe('the invariant', () => {
  const workspaces: Workspace[] = [];
  let well: Aftermath;

  beforeAll(async () => {
    const workspace = await Workspace.make();
    workspaces.push(workspace);
    well = await SimulatorProcess.use((simulator) => disturb(workspace, TRIAL, simulator));
  });

  afterAll(() => Promise.all(workspaces.map((workspace) => workspace.remove())));

  /** The kinds of what is found when harm was done to a copy. */
  async function kindsFound(harm: Harm): Promise<ReadonlySet<string>> {
    const workspace = await Workspace.make();
    workspaces.push(workspace);
    await cp(well.root, workspace.root, { recursive: true, preserveTimestamps: true });
    const copy = { ...well, root: workspace.root };
    const [, victim] = copy.documents;
    if (victim !== undefined) Object.assign(copy, await harm(copy, victim));
    return new Set((await brokenInvariants(copy)).map(({ kind }) => kind));
  }

  test('holds where nothing was disturbed', async () => {
    expect(await brokenInvariants(well)).toEqual([]);
  });

  test.each(FILE_HARMS)('calls a document lost when %s', async (_what, harm) => {
    expect(await kindsFound(harm)).toContain('lost');
  });

  test.each(MONEY_HARMS)('calls it paid for unnoticed when %s', async (_what, harm) => {
    expect(await kindsFound(harm)).toContain('paid');
  });

  test.each(OTHER_HARMS)('calls it wrong when %s', async (_what, harm) => {
    expect(await kindsFound(harm)).toContain('wrong');
  });
});

async function putFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function twice(attempts: readonly LedgerAttempt[]): readonly LedgerAttempt[] {
  return [...attempts, ...attempts];
}

function endless(attempt: LedgerAttempt): LedgerAttempt {
  return { ...attempt, ended: 0 };
}
