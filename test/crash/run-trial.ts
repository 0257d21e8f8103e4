import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerText } from '../../src/simulator/answer-text.ts';
import type { Program } from '../support/program.ts';
import { Workspace } from '../support/workspace.ts';
import { type Aftermath, everInFlight, type Finding, type Run } from './aftermath.ts';
import { reportedTwice } from './check-billing.ts';
import type { TrialDocument } from './documents.ts';
import { endOf } from './end-of.ts';
import { brokenInvariants } from './invariant.ts';
import { OutboxReader } from './outbox-reader.ts';
import { callsInFlight, readLedger } from './read-ledger.ts';
import type { SimulatorProcess } from './simulator-process.ts';
import { startProgram } from './start-program.ts';
import { summaryOf } from './summary-of.ts';
import type { Kill, Trial } from './trial.ts';

export interface TrialOutcome {
  readonly findings: readonly Finding[];
  readonly kills: number;
  /** Kills at points that were not passed, or at moments when all was done. */
  readonly missed: number;
  /** Calls that were in flight at its kills. */
  readonly inFlight: number;
  /** The same at one of them, at most. */
  readonly mostInFlight: number;
  readonly reportedTwice: number;
  /** Files that the reader read. */
  readonly reads: number;
  /** The workspace, where it is kept because something was found. */
  readonly kept: string | null;
}

/** Exit codes of a run that left nothing to do: all done, or what failed or is held is a person's. */
const AT_REST: ReadonlySet<number | null> = new Set([0, 3]);
const MOST_RESTARTS = 6;

/** Kills the program as the trial says, restarts it until it rests, and looks whether all is well. */
export async function runTrial(trial: Trial, simulator: SimulatorProcess): Promise<TrialOutcome> {
  const workspace = await Workspace.make();
  const aftermath = await disturb(workspace, trial, simulator);
  const findings = await brokenInvariants(aftermath);
  if (findings.length === 0) await workspace.remove();
  const killed = aftermath.runs.filter(({ code }) => code === null);
  return {
    findings,
    kills: killed.length,
    missed: trial.kills.length - killed.length,
    inFlight: everInFlight(aftermath.runs).size,
    mostInFlight: Math.max(0, ...killed.map(({ inFlight }) => inFlight.length)),
    reportedTwice: reportedTwice(aftermath),
    reads: aftermath.reading.reads,
    kept: findings.length === 0 ? null : workspace.root,
  };
}

/** Does to a workspace what the trial says, until the last run came to rest. */
export async function disturb(workspace: Workspace, trial: Trial, simulator: SimulatorProcess): Promise<Aftermath> {
  const { root } = workspace;
  const { documents, settings } = trial;
  for (const { id, text } of documents) await workspace.drop(id, text);
  await simulator.clearBilling();
  const reader = new OutboxReader(root, resultsOf(documents));
  try {
    const runs = await runAll(root, trial, simulator);
    const reading = await reader.stop();
    return {
      root,
      documents,
      settings,
      runs,
      reading,
      ledger: await readLedger(root),
      billing: await simulator.billing(),
    };
  } finally {
    await reader.stop();
  }
}

function resultsOf(documents: readonly TrialDocument[]): Readonly<Record<string, string>> {
  return Object.fromEntries(documents.map(({ id, text }) => [`outbox/${id}.md`, answerText(text)]));
}

async function runAll(root: string, trial: Trial, simulator: SimulatorProcess): Promise<readonly Run[]> {
  const runs: Run[] = [];
  const flags = flagsOf(root, trial, simulator);
  await simulator.setPlan(trial.plan);
  for (const kill of trial.kills) runs.push(await runOnce(root, flags, kill));
  await simulator.setPlan(trial.planAfterwards);
  for (let restarts = 0; restarts < MOST_RESTARTS; restarts += 1) {
    const run = await runOnce(root, flags, null);
    runs.push(run);
    if (AT_REST.has(run.code)) break;
  }
  return runs;
}

async function runOnce(root: string, flags: readonly string[], kill: Kill | null): Promise<Run> {
  const environment = kill?.at === 'point' ? { SLUICE_CRASH_AT: kill.point } : {};
  const program = startProgram(flags, { environment });
  if (kill?.at === 'moment') await killLater(program, kill);
  const ended = await endOf(program);
  return {
    code: ended.code,
    summary: summaryOf(ended),
    inFlight: await callsInFlight(root),
    mayDie: kill !== null && !ended.hung,
    complaint: ended.stderr,
  };
}

async function killLater(program: Program, { after, ms }: Extract<Kill, { at: 'moment' }>): Promise<void> {
  const firstWord = program.child.stderr === null ? program.exited : once(program.child.stderr, 'data');
  if (after === 'first word') await Promise.race([firstWord, program.exited]);
  const waiting = new AbortController();
  const wait = sleep(ms, undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([wait, program.exited]);
  waiting.abort();
  program.kill('SIGKILL');
}

const HASTE = ['--once', '--json', '--settle', '0', '--retry-delay', '0.05', '--log-level', 'debug'];

function flagsOf(root: string, { settings }: Trial, { url }: SimulatorProcess): readonly string[] {
  const { stream, concurrency, receipts, after, inDoubt } = settings;
  const choices = [stream ? '--stream' : '--no-stream', ...(receipts === 'none' ? [] : ['--receipts'])];
  const values = ['--concurrency', String(concurrency), '--after', after, '--in-doubt', inDoubt];
  return ['--root', root, '--api', url, '--no-recipe', ...HASTE, ...choices, ...values];
}
