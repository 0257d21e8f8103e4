import type { ProgramSettings } from '../support/program.ts';
import { Workspace } from '../support/workspace.ts';
import { brokenAfterRebuilding, hasRebuilt } from './after-rebuilding.ts';
import type { Aftermath, Finding, Run } from './aftermath.ts';
import { FATE_FAULTS, type Fate, makeDocuments, type TrialDocument } from './documents.ts';
import { type Ended, endOf } from './end-of.ts';
import { brokenInvariants } from './invariant.ts';
import { Random } from './random.ts';
import { callsInFlight, readLedger } from './read-ledger.ts';
import type { SimulatorProcess } from './simulator-process.ts';
import { startProgram } from './start-program.ts';
import { summaryOf } from './summary-of.ts';

/** The codes that calls are made to fail with. */
export const FAILURE_CODES = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE'] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** A call that is to fail: which one, from 1, and how. */
export interface Failure {
  readonly number: number;
  readonly code: FailureCode;
}

/** What a run came to in which a call was to fail. */
export interface FailedRun extends Ended {
  /** Calls in all. */
  readonly calls: number;
  /** The one that failed, in words; null where none did. */
  readonly failed: string | null;
}

/** Runs the program over a workspace; with `fails` one call does. */
export type RunOver = (workspace: Workspace, fails: boolean) => Promise<FailedRun>;

const FATES: readonly Fate[] = ['plain', 'plain', 'plain', 'plain', 'plain', 'plain', 'plain', 'flaky', 'refused'];

/** Archives and receipts make for more calls. */
const SETTINGS = { after: 'archive', receipts: 'all', inDoubt: 'resend' } as const;

/** The options of these runs, by their flags. */
export const FAILING_OPTIONS = { settle: '0', 'retry-delay': '0.05', grace: '5', after: 'archive' };

/** Runs the built program with these options to its end. */
export async function runBuilt(
  { root }: Workspace,
  { url }: SimulatorProcess,
  settings: ProgramSettings = {},
): Promise<Ended> {
  const options = Object.entries(FAILING_OPTIONS).flatMap(([flag, value]) => [`--${flag}`, value]);
  return endOf(
    startProgram(['--once', '--json', '--receipts', '--no-recipe', '--root', root, '--api', url, ...options], settings),
  );
}

/** When a call fails, a run may need some more of them, not many: no loop is to be busy. */
const MOST_CALLS = 1.5;

export interface FailureOutcome {
  readonly findings: readonly Finding[];
  /** The ledger was damaged, which was said, and begun anew. */
  readonly rebuilt: boolean;
}

/**
 * Runs the program over ten documents while a call fails, and once more while none does. Resolves to what is wrong then.
 *
 * @param cleanCalls how many calls a run needs when none fails
 */
export async function tryFailure(
  code: FailureCode,
  cleanCalls: number,
  simulator: SimulatorProcess,
  runOver: RunOver,
): Promise<FailureOutcome> {
  const workspace = await Workspace.make();
  try {
    await simulator.setPlan({ faults: FATE_FAULTS });
    await simulator.clearBilling();
    const documents = await dropDocuments(workspace);
    const first = await runOver(workspace, true);
    const runs = [await runOf(workspace, first), await runOf(workspace, await runOver(workspace, false))];
    const aftermath = {
      root: workspace.root,
      ...(code === 'EACCES' ? barred(documents) : { documents, settings: SETTINGS }),
      runs,
      reading: { reads: 0, broken: {} },
      ledger: await readLedger(workspace.root),
      billing: await simulator.billing(),
    };
    const rebuilt = runs.some(hasRebuilt);
    const broken = rebuilt ? brokenAfterRebuilding(aftermath) : await brokenInvariants(aftermath);
    const findings = [...checkFirst(first, cleanCalls), ...broken];
    return {
      findings: findings.map(({ kind, what }) => ({ kind, what: `${code} of ${first.failed}: ${what}` })),
      rebuilt,
    };
  } finally {
    await workspace.remove();
  }
}

/** Access to a path that is refused fails the document that lies there, or costs a receipt; no other code may. */
function barred(documents: readonly TrialDocument[]): Pick<Aftermath, 'documents' | 'settings'> {
  return {
    documents: documents.map(({ id, text, ends }) => ({ id, text, ends: [...ends, 'failed'] })),
    settings: { ...SETTINGS, receipts: 'some' },
  };
}

/** How many calls a run needs in which none fails. */
export async function countCleanCalls(simulator: SimulatorProcess, runOver: RunOver): Promise<number> {
  const workspace = await Workspace.make();
  try {
    await simulator.setPlan({ faults: FATE_FAULTS });
    await dropDocuments(workspace);
    const { code, stderr, calls } = await runOver(workspace, false);
    if (code !== 3) throw new Error(`a run in which nothing was made to fail ended with ${code}: ${stderr}`);
    return calls;
  } finally {
    await workspace.remove();
  }
}

async function dropDocuments(workspace: Workspace): Promise<readonly TrialDocument[]> {
  const documents = makeDocuments(FATES, 'failing', new Random(1));
  for (const { id, text } of documents) await workspace.drop(id, text);
  return documents;
}

async function runOf({ root }: Workspace, ended: Ended): Promise<Run> {
  const { code, stderr } = ended;
  return { code, summary: summaryOf(ended), inFlight: await callsInFlight(root), mayDie: false, complaint: stderr };
}

function checkFirst({ code, stderr, calls }: FailedRun, cleanCalls: number): readonly Finding[] {
  return [
    ...(code !== 0 && stderr === '' ? [wrong(`the run ended with ${code}, and said nothing`)] : []),
    ...(calls > cleanCalls * MOST_CALLS ? [wrong(`${calls} calls instead of ${cleanCalls}`)] : []),
  ];
}

function wrong(what: string): Finding {
  return { kind: 'wrong', what };
}
