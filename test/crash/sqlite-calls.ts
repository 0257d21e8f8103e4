import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../support/workspace.ts';
import type { Ended } from './end-of.ts';
import { countCleanCalls, type Failure, type FailureCode, type RunOver, runBuilt } from './failing-run.ts';
import type { SimulatorProcess } from './simulator-process.ts';

const READ = 'pread64';

/** What SQLite does to its files, and what that can fail with. */
const SYSTEM_CALLS: Readonly<Record<string, readonly FailureCode[]>> = {
  openat: ['EIO', 'ENOSPC', 'EACCES', 'EMFILE'],
  [READ]: ['EIO'],
  pwrite64: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  ftruncate: ['EIO'],
};
const FILES = ['ledger.db', 'ledger.db-wal', 'ledger.db-shm', 'lock.db'];
/**
 * No reads of the log: a checkpoint of libsql 0.5.29 takes no notice when one fails, and writes what happens to lie in its
 * memory into the ledger.
 */
const READ_FILES = ['ledger.db', 'lock.db'];

export interface SystemCallFailure extends Failure {
  /** The name of the system call. */
  readonly call: string;
}

/** Whether strace is here and may trace: SQLite's calls are its own, and are made to fail from outside. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;
}

/** Runs the built program, where a system call that SQLite makes fails in the thread that makes it; null: none does. */
export function withFailingSystemCall(failure: SystemCallFailure | null, simulator: SimulatorProcess): RunOver {
  return async (workspace, fails) => {
    const { lines, ...ended } = await trace(workspace, fails ? failure : null, simulator);
    return { ...ended, calls: lines.length, failed: lines.find((line) => line.includes('(INJECTED)')) ?? null };
  };
}

/** Every system call of a run in which none fails, with every code that it may fail with. */
export async function everySystemCall(
  simulator: SimulatorProcess,
): Promise<{ readonly cleanCalls: number; readonly failures: readonly SystemCallFailure[] }> {
  let clean: readonly string[] = [];
  const cleanCalls = await countCleanCalls(simulator, async (workspace) => {
    const { lines, ...ended } = await trace(workspace, null, simulator);
    clean = lines;
    return { ...ended, calls: lines.length, failed: null };
  });
  const failures = Object.entries(SYSTEM_CALLS).flatMap(([call, codes]) =>
    codes.flatMap((code) => numbersTo(mostOfAThread(clean, call)).map((number) => ({ call, number, code }))),
  );
  return { cleanCalls, failures };
}

function numbersTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Calls of this name by the thread that made most of them: strace counts for each thread. */
function mostOfAThread(lines: readonly string[], call: string): number {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [thread = '', what = ''] = line.split(/\s+/, 2);
    const fails = call !== READ || READ_FILES.some((name) => what.includes(`/${name}>`));
    if (fails && what.startsWith(`${call}(`)) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

async function trace(
  workspace: Workspace,
  failure: SystemCallFailure | null,
  simulator: SimulatorProcess,
): Promise<Ended & { readonly lines: readonly string[] }> {
  const log = `${workspace.root}.trace`;
  const ended = await runBuilt(workspace, simulator, { through: tracing(workspace.root, log, failure) });
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  await rm(log);
  return { ...ended, lines };
}

function tracing(root: string, log: string, failure: SystemCallFailure | null): readonly string[] {
  const paths = (failure?.call === READ ? READ_FILES : FILES).flatMap((name) => ['-P', join(root, '.sluice', name)]);
  const injection =
    failure === null ? [] : ['-e', `inject=${failure.call}:error=${failure.code}:when=${failure.number}`];
  const calls = Object.keys(SYSTEM_CALLS).join(',');
  return ['strace', '-f', '-y', '-qq', '-o', log, '-e', `trace=${calls}`, ...paths, ...injection];
}
